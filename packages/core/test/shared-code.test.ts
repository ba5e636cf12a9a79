import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileFunction, createContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { test as base, expect } from 'vitest'
import type * as SharedCode from '../src/shared-code.js'

const FILE = fileURLToPath(new URL('../dist/shared-code.cjs', import.meta.url))

/** A copy of the module of its own, as each thread has one. */
function fresh(parsingContext?: object): typeof SharedCode {
  const module = { exports: {} }
  const options = { filename: FILE, ...(parsingContext && { parsingContext }) }
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname']
  compileFunction(readFileSync(FILE, 'utf8'), parameters, options)(module.exports, createRequire(FILE), module, FILE, '')
  return module.exports as typeof SharedCode
}

let marks = 0

const test = base.extend<{ folder: string; mark: string; write: (body: string) => void }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from its pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'multiproc-code-'))
    await use(folder)
    rmSync(folder, { recursive: true })
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from its pattern
  mark: async ({}, use) => use(`/* mark ${++marks} */`),
  write: async ({ folder, mark }, use) => use((body) => writeFileSync(join(folder, 'bundle.cjs'), `${mark}${body}`)),
})

const plainly = () => 'plainly'

/** What the bundle exports in a thread that this one starts. */
function inThread(folder: string, mark: string): Promise<unknown> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { file, folder, mark } = workerData
    parentPort.postMessage(require(file).load(folder, mark, () => 'plainly'))`
  return new Promise((resolve, reject) => {
    new Worker(code, { eval: true, workerData: { file: FILE, folder, mark } }).once('message', resolve).once('error', reject)
  })
}

test('the bundle is a CommonJS module', ({ folder, mark, write }) => {
  write(
    "exports.paths = [__filename, __dirname, require('node:path').basename(__filename)]; module.exports.own = module.exports === exports",
  )
  const file = join(folder, 'bundle.cjs')
  expect(fresh().load(folder, mark, plainly)).toEqual({ paths: [file, folder, 'bundle.cjs'], own: true })
})

test('a thread takes the code of the one that started it', async ({ folder, mark, write }) => {
  const { load, shareCode } = fresh()
  write("module.exports = 'read by one'")
  expect(load(folder, mark, plainly)).toBe('read by one')
  // Text of the same length, to tell which of the two it runs: V8 compares no more than that.
  write("module.exports = 'read by two'")
  expect(await inThread(folder, mark)).toBe('read by two')
  shareCode()
  expect(await inThread(folder, mark)).toBe('read by one')
})

test('code that V8 rejects is compiled from the text', async ({ folder, mark, write }) => {
  const { load, shareCode } = fresh()
  write("module.exports = 'short'")
  load(folder, mark, plainly)
  shareCode()
  write("module.exports = 'much longer'")
  expect(await inThread(folder, mark)).toBe('much longer')
})

test('what is not there, or another build, is loaded plainly', ({ folder, mark, write }) => {
  expect(fresh().load(folder, mark, plainly)).toBe('plainly')
  write('module.exports = 1')
  expect(fresh().load(folder, '/* another */', plainly)).toBe('plainly')
})

test('in a global object of its own it is loaded plainly', ({ folder, mark, write }) => {
  write('module.exports = Object')
  expect(fresh(createContext({})).load(folder, mark, plainly)).toBe('plainly')
})

test('stacks name the line and column of the bundle', ({ folder, mark, write }) => {
  write("module.exports = new Error('here')\nmodule.exports.next = new Error('there')")
  const error = fresh().load(folder, mark, plainly) as Error & { next: Error }
  expect(error.stack).toContain(`${join(folder, 'bundle.cjs')}:1:${mark.length + 'module.exports = '.length + 1}`)
  expect(error.next.stack).toContain(`${join(folder, 'bundle.cjs')}:2:${'module.exports.next = '.length + 1}`)
})
