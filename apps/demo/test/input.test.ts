import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inBatches } from '../src/batches.js'
import { changedFiles, findInput } from '../src/input.js'
import { type InputFolder, inputFolder } from './input-folder.js'

let folder: InputFolder

beforeEach(async () => {
  folder = await inputFolder()
})
afterEach(() => folder[Symbol.asyncDispose]())

test('finds the files in the order of their paths, and counts what it leaves out', async () => {
  const all = await findInput(folder.path)
  expect(all.files.map(({ path }) => path)).toEqual(
    ['a.md', 'node_modules/b/index.js', 'src/c.ts'].map((name) => join(folder.path, name)),
  )
  const some = await findInput(folder.path, 100)
  expect(some.files).toEqual(all.files.slice(0, 2))
  expect(some.found).toEqual({ files: 3, bytes: folder.bytes })
})

test('tells which files have changed', async () => {
  const { files } = await findInput(folder.path)
  expect(await changedFiles(files)).toEqual([])
  await appendFile(join(folder.path, 'a.md'), 'more')
  await rm(join(folder.path, 'src'), { recursive: true })
  expect(await changedFiles(files)).toEqual([join(folder.path, 'a.md'), join(folder.path, 'src/c.ts')])
})

test('batches hold all files, in order, and close when they are full', () => {
  const files = [3, 3, 9, 0, 1].map((bytes, n) => ({ path: `${n}`, bytes, modified: 0 }))
  expect(inBatches(files, 5).map((batch) => batch.map(({ bytes }) => bytes))).toEqual([[3, 3], [9], [0, 1]])
  expect(inBatches([], 5)).toEqual([])
})
