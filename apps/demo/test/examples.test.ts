import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const hasPython = spawnSync('python3', ['-c', 'import multiprocessing']).status === 0

/** Every example in the READMEs and in `docs/` does what is printed below it. */

interface Example {
  readonly file: string
  readonly code: string
  /** What the document says it prints; absent for a module that others import. */
  readonly prints: string | undefined
}

/**
 * Each block of code, named by its first line. The block of text after it says what it prints; what is compared with multiproc (Python, or JavaScript marked `before`) prints
 * the same as the next example that prints something.
 */
function examplesOf(document: string): Example[] {
  const blocks = [...document.matchAll(/```(js|js before|python)\n((?:\/\/|#) (\S+)\n.*?)```\n(?:\n```text\n(.*?)```\n)?/gs)]
  return blocks.map(([, language, code = '', file = '', prints], n) => {
    const said = prints ?? (language === 'js' ? undefined : blocks.slice(n).find((one) => one[4] !== undefined)?.[4])
    return { file, code, prints: said }
  })
}

const documents = [
  'README.md',
  ...(await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ...(await readdir(join(root, 'packages'))).map((name) => `packages/${name}/README.md`),
]

describe.each(documents)('%s', async (name) => {
  const document = await readFile(join(root, name), 'utf8')
  const examples = examplesOf(document)
  let folder: string

  beforeAll(async () => {
    // A project of its own, where the packages are installed.
    folder = await mkdtemp(join(tmpdir(), 'multiproc-examples-'))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    for (const { file, code } of examples) await writeFile(join(folder, file), code)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('every block of code is an example, and every name is its own', () => {
    expect(examples).toHaveLength(document.match(/^```(js|python)/gm)?.length ?? 0)
    expect(new Set(examples.map(({ file }) => file)).size).toBe(examples.length)
  })

  const printing = examples.filter(({ prints }) => prints !== undefined)
  test.for(printing.filter(({ file }) => file.endsWith('.mjs')))('$file prints what is said', async ({ file, prints }) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, file)])
    expect({ stdout, stderr }).toEqual({ stdout: prints, stderr: '' })
  })
  test.skipIf(!hasPython).for(printing.filter(({ file }) => file.endsWith('.py')))(
    '$file prints what is said',
    async ({ file, prints }) => {
      const { stdout, stderr } = await promisify(execFile)('python3', [join(folder, file)])
      const said = stdout.replaceAll(/\b(True|False)\b/g, (word) => word.toLowerCase())
      expect({ stdout: said, stderr }).toEqual({ stdout: prints, stderr: '' })
    },
  )
})
