import type { ModuleReference } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { withModules } from '../../support/temporary-modules.js'
import { thrown } from '../../support/thrown.js'
import { square } from '../../workers/pool-tasks.js'

const FILES = {
  'syntax-error.mjs': 'export const broken = (',
  'syntax-error.cjs': 'exports.broken = (',
  'exports.mjs':
    "export const present = () => 1\nexport const text = 'no function'\nexport const nothing = undefined\nexport class It {}",
  'throws.mjs': "throw Object.assign(new RangeError('not today'), { code: 'E_TODAY' })",
  'imports-missing.mjs': "import './is-not-there.mjs'\nexport default () => 1",
  'imports-unknown.mjs': "import { isNotThere } from './exports.mjs'\nexport default () => isNotThere",
}

const BROKEN: readonly [file: string, name: string | undefined, expected: object, said: RegExp][] = [
  ['missing.mjs', undefined, { code: 'ERR_MODULE_NOT_FOUND' }, /missing\.mjs/],
  ['imports-missing.mjs', undefined, { code: 'ERR_MODULE_NOT_FOUND' }, /is-not-there\.mjs/],
  ['imports-unknown.mjs', undefined, { name: 'SyntaxError' }, /isNotThere/],
  ['syntax-error.mjs', 'broken', { name: 'SyntaxError' }, /Unexpected end of input/],
  ['syntax-error.cjs', 'broken', { name: 'SyntaxError' }, /Unexpected/],
  ['throws.mjs', undefined, { name: 'RangeError', code: 'E_TODAY', message: 'not today' }, /not today/],
  ['exports.mjs', 'absent', { name: 'TargetError', code: 'MP_TARGET' }, /"?absent"?.*present/],
  ['exports.mjs', undefined, { name: 'TargetError', code: 'MP_TARGET' }, /default/],
  ['exports.mjs', 'text', { name: 'TargetError', code: 'MP_TARGET' }, /no function/],
  ['exports.mjs', 'nothing', { name: 'TargetError', code: 'MP_TARGET' }, /no function/],
  ['exports.mjs', 'toString', { name: 'TargetError', code: 'MP_TARGET' }, /toString/],
  ['exports.mjs', 'It', { name: 'TargetError', code: 'MP_TARGET' }, /class/],
]

/** Modules that cannot be loaded, or have not what is asked of them: every call rejects with that error, and the workers stay. */
export function brokenModules(suite: Suite): void {
  suite.test('every call rejects with that error, and no worker is lost', async ({ mp }) => {
    await withModules(FILES, async (at) => {
      await using pool = new mp.Pool(2)
      expect(await pool.map(square, [1, 2, 3, 4], { chunksize: 1 })).toEqual([1, 4, 9, 16])
      const workers = pool.workers.map(({ pid }) => pid)
      for (const [file, name, expected, said] of BROKEN) {
        const target = refer(at(file), name)
        const calls = [
          ...Array.from({ length: 5 }, () => thrown(() => pool.apply(target))),
          thrown(() => pool.map(target, [1, 2, 3, 4, 5], { chunksize: 1 })),
          thrown(() => pool.starmap(target, [[1], [2]])),
        ]
        const good = pool.map(square, [1, 2, 3])
        for (const error of await Promise.all(calls)) expectThat(error, expected, said, `${file} ${name}`)
        expect(await good).toEqual([1, 4, 9])
        if (suite.capabilities.sync) expectThat(await thrown(() => pool.applySync(target)), expected, said, file)
      }
      expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
    })
  })

  suite.test('a pool whose first call is a broken one', async ({ mp }) => {
    await withModules(FILES, async (at) => {
      await using pool = new mp.Pool(2)
      const workers = pool.workers.map(({ pid }) => pid)
      for (let round = 0; round < 3; round++) {
        expect(await thrown(() => pool.map(refer(at('syntax-error.mjs'), 'broken'), [1, 2]))).toMatchObject({
          name: 'SyntaxError',
        })
      }
      expect(await pool.map(square, [3])).toEqual([9])
      expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
    })
  })

  suite.test('a process ends with exit code 1 and that error', async ({ mp }) => {
    await withModules(FILES, async (at) => {
      // Each is printed as well, so only one of a kind.
      for (const [file, name, expected, said] of BROKEN.filter((_, n) => n % 3 === 0)) {
        const one = new mp.Process({ target: refer(at(file), name) }).start()
        expect(await one.join()).toBe(1)
        expectThat(one.error, expected, said, `${file} ${name}`)
      }
    })
  })
}

function refer(module: URL, name: string | undefined): ModuleReference {
  return name === undefined ? { module } : { module, name }
}

function expectThat(error: unknown, expected: object, said: RegExp, what: string): void {
  expect(error, what).toBeInstanceOf(Error)
  expect(error, what).toMatchObject(expected)
  expect((error as Error).message, what).toMatch(said)
}
