import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

interface Example {
  readonly file: string
  readonly code: string
  /** What the README says it prints; absent for a module that others import. */
  readonly prints: string | undefined
}

/** Each block of JavaScript, named by its first line, with the block of text that may follow it. */
function examplesOf(readme: string): Example[] {
  const blocks = readme.matchAll(/```js\n(\/\/ (\S+)\n.*?)```\n(?:\n```text\n(.*?)```\n)?/gs)
  return [...blocks].map(([, code = '', file = '', prints]) => ({ file, code, prints }))
}

const readme = await readFile(join(root, 'README.md'), 'utf8')
const examples = examplesOf(readme)
let folder: string

beforeAll(async () => {
  // A project of its own, where the packages are installed.
  folder = await mkdtemp(join(tmpdir(), 'multiproc-readme-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  for (const { file, code } of examples) await writeFile(join(folder, file), code)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('every block of JavaScript is an example', () => {
  expect(examples).toHaveLength(readme.match(/^```js$/gm)?.length ?? 0)
  expect(examples.filter(({ prints }) => prints)).toHaveLength(readme.match(/^```text$/gm)?.length ?? 0)
})

test.each(examples.filter(({ prints }) => prints !== undefined))(
  '$file prints what the README says',
  async ({ file, prints }) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, file)])
    expect({ stdout, stderr }).toEqual({ stdout: prints, stderr: '' })
  },
)
