/** The worker side, in real worker threads. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeTarget } from '../src/target/describe.js'
import { findTsx } from '../src/target/typescript.js'
import { startAgent } from './fixtures/target/agent.js'
import { present } from './fixtures/target/tasks.js'

const fixture = (name: string) => new URL(`./fixtures/target/${name}`, import.meta.url)
const refer = (file: string, name?: string) =>
  describeTarget(name === undefined ? { module: fixture(file) } : { module: fixture(file), name }, 'target')

// Not a fixture: linters read those.
const directory = mkdtempSync(join(tmpdir(), 'multiproc-target-'))
const syntaxError = join(directory, 'syntax-error.mjs')
writeFileSync(syntaxError, 'export const broken = (')

let agent: ReturnType<typeof startAgent>
beforeAll(() => {
  agent = startAgent()
})
afterAll(async () => {
  await agent.stop()
  rmSync(directory, { recursive: true })
})

describe('module references', () => {
  it('find the default and named exports', async () => {
    expect(await agent.run(refer('exports.mjs'))).toMatchObject({ value: 'main', name: 'main' })
    expect(await agent.run(refer('exports.mjs', 'double'), 4)).toMatchObject({ value: 8 })
  })

  it('load a module once per agent', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => agent.run(refer('exports.mjs', 'evaluations'))))
    expect(runs.map(({ value }) => value)).toEqual([1, 1, 1])
  })

  it.each([
    ['named.js', 'triple', [2], 6],
    ['single.js', undefined, [], 'single'],
    ['compiled.js', undefined, [], 'compiled'],
    ['compiled.js', 'half', [4], 2],
  ])('find what CommonJS exports: %s %s', async (file, name, args, value) => {
    expect(await agent.run(refer(`commonjs/${file}`, name), ...args)).toMatchObject({ value })
  })

  it('reject with a TargetError that lists the exports where the name is none of them', async () => {
    const { error } = await agent.run(refer('exports.mjs', 'tripel'))
    expect(error).toMatchObject({ name: 'TargetError', code: 'MP_TARGET' })
    expect(error?.message).toContain(`${fileURLToPath(fixture('exports.mjs'))} has no export "tripel" (its exports: `)
    expect(error?.message).toContain('double')
    const commonjs = await agent.run(refer('commonjs/named.js', 'x'))
    expect(commonjs.error?.message).toMatch(/its exports: .*triple/)
  })

  it('do not find what every object inherits', async () => {
    const { error } = await agent.run(refer('commonjs/named.js', 'toString'))
    expect(error?.message).toMatch(/has no export "toString"/)
  })

  it.each([
    ['number', 'no function but 7'],
    ['Klass', 'a class'],
    ['generate', 'a generator'],
  ])('reject with a TargetError where the export is not a function to call: %s', async (name, is) => {
    const { error } = await agent.run(refer('exports.mjs', name))
    expect(error).toMatchObject({ name: 'TargetError', message: expect.stringContaining(`export "${name}" of `) })
    expect(error?.message).toContain(` is ${is}`)
  })

  it.each([
    ['missing.mjs', 'Error', 'ERR_MODULE_NOT_FOUND'],
    ['syntax-error.mjs', 'SyntaxError', undefined],
    ['throws.mjs', 'RangeError', undefined],
  ])('reject with what importing %s throws, the same each time', async (file, name, code) => {
    const url = file.startsWith('syntax') ? pathToFileURL(syntaxError).href : fixture(file).href
    const reference = (name?: string) => describeTarget(name ? { module: url, name } : { module: url }, 'target')
    const first = await agent.run(reference())
    const again = await agent.run(reference())
    const other = await agent.run(reference('other'))
    expect(first.error?.name).toBe(name)
    expect(first.error?.code).toBe(code)
    expect([again.error?.id, other.error?.id]).toEqual([first.error?.id, first.error?.id])
    expect(first.loading).toBe(false)
  })

  it('are loading while their module is evaluated, and not after', async () => {
    expect(await agent.run(refer('exports.mjs', 'wasLoading'))).toMatchObject({ value: true, loading: false })
  })
})

describe('tasks', () => {
  it('are found by name, whichever copy of core their module defined them with', async () => {
    expect(await agent.run(describeTarget(present, 'target'), 1)).toMatchObject({ value: 2, name: 'present' })
  })

  it('reject with a TargetError where the worker’s module does not define them', async () => {
    const url = fixture('tasks.ts').href
    const { error } = await agent.run({ kind: 'module', url, name: 'onlyInTheParent', task: true })
    expect(error).toMatchObject({ name: 'TargetError', code: 'MP_TARGET' })
    expect(error?.message).toMatch(/defined no task "onlyInTheParent" \(its tasks: present\).*isMainProcess/)
  })
})

describe('inline functions', () => {
  it('run', async () => {
    const fn = describeTarget((n: number) => n * n, 'target')
    expect(await agent.run(fn, 5)).toMatchObject({ value: 25 })
  })

  it('import packages and files as from their own file', async () => {
    const description = describeTarget(
      async (specifier: string, name: string) => typeof (await import(specifier))[name],
      'target',
    )
    expect(await agent.run(description, 'node:fs', 'readFileSync')).toMatchObject({ value: 'function' })
    expect(await agent.run(description, 'acorn', 'parse')).toMatchObject({ value: 'function' })
    expect(await agent.run(description, './fixtures/target/beside.mjs', 'answer')).toMatchObject({ value: 'number' })
    expect(await agent.run(description, './fixtures/target/typed-step.js', 'step')).toMatchObject({ value: 'function' })
  })

  it('are evaluated once', async () => {
    const counter = describeTarget(function counter(this: unknown) {
      const own = counter as unknown as { calls?: number }
      own.calls = (own.calls ?? 0) + 1
      return own.calls
    }, 'target')
    await agent.run(counter)
    expect(await agent.run(counter)).toMatchObject({ value: 2 })
  })
})

describe('TypeScript', () => {
  it.each([
    ['typed.ts', 'an ES module'],
    ['commonjs/typed.ts', 'a CommonJS module'],
  ])('under tsx, %s (%s)', async (file) => {
    expect(await agent.run(refer(file, 'next'), 1)).toMatchObject({ value: 2 })
  })

  it('where nothing in the worker runs it, a TargetError says why and what to do', async () => {
    const bare = startAgent([
      '--require',
      'tsx/cjs',
      ...('typescript' in process.features ? ['--no-experimental-strip-types'] : []),
    ])
    try {
      const { error } = await bare.run(refer('typed.ts', 'next'), 1)
      expect(error).toMatchObject({ name: 'TargetError', cause: { code: 'ERR_UNKNOWN_FILE_EXTENSION' } })
      expect(error?.message).toContain(fileURLToPath(fixture('typed.ts')))
      expect(error?.message).toMatch(/does not run TypeScript.*vitest.*Run the program with tsx/)
    } finally {
      await bare.stop()
    }
  })

  it('finds tsx in whatever way it was loaded', () => {
    const directory = findTsx(['--import', 'tsx'])
    expect(directory).toMatch(/node_modules[\\/]tsx$/)
    expect(findTsx(['--import=tsx'])).toBe(directory)
    expect(findTsx(['--conditions', 'x', '-r', 'tsx'])).toBe(directory)
    expect(findTsx(['--import', 'tsx/esm'])).toBe(directory)
    expect(findTsx(['--require', `${directory}/dist/preflight.cjs`, '--import', `file://${directory}/dist/loader.mjs`])).toBe(
      directory,
    )
    expect(findTsx(['--import', 'tsx-like', '--require', 'tsx/cjs', 'tsx'])).toBe(undefined)
    expect(findTsx([])).toBe(undefined)
  })
})
