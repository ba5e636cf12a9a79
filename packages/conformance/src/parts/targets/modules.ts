import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Replying, runners } from '../../support/run-target.js'
import { withModules } from '../../support/temporary-modules.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { square } from '../../workers/pool-tasks.js'

const module = new URL('../../workers/replying.js', import.meta.url)

/** `{ module, name }`. */
export function modules(suite: Suite): void {
  for (const [by, runner] of Object.entries(runners)) {
    suite.test(`an export, by URL, file URL and path (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        for (const given of [module, module.href, fileURLToPath(module)]) {
          const target: Replying = { module: given, name: 'replyPlainly' }
          expect(await run(target, [1]), String(given)).toBe(2)
        }
      }),
    )

    suite.test(`the default export, where no name is given (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        expect(await run({ module }, [1])).toBe(3)
        expect(await run({ module, name: 'default' }, [1])).toBe(3)
      }),
    )

    suite.test(`a task is an export like any other (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        expect(await run({ module, name: 'replyTwice' }, [4])).toBe(8)
      }),
    )
  }

  suite.test('a reference and a function that are written in a loop are kept once by a pool', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const calls = async () => {
      const target = { module: new URL('../../workers/pool-tasks.js', import.meta.url), name: 'square' }
      expect(await pool.apply(target, [3])).toBe(9)
      expect(await pool.apply((n) => n + 1, [1])).toBe(2)
      expect(await pool.apply(async (n) => Number(await import('node:fs').then(() => n)), [1])).toBe(1)
    }
    await calls()
    await calls()
    const before = mp.usage().blocks
    for (let n = 0; n < 20; n++) await calls()
    expect(mp.usage().blocks).toBeLessThan(before + 20)
  })

  suite.test('CommonJS modules, whatever way they export', async ({ mp }) => {
    const files = {
      'named.cjs': 'exports.twice = (n) => n * 2',
      'computed.cjs': "module.exports = Object.fromEntries([['twice', (n) => n * 2]])",
      'single.cjs': 'module.exports = function (n) { return n * 2 }',
    }
    await withModules(files, async (at) => {
      await using pool = new mp.Pool(1)
      expect(await pool.map({ module: at('named.cjs'), name: 'twice' }, [1, 2])).toEqual([2, 4])
      expect(await pool.map({ module: at('computed.cjs'), name: 'twice' }, [1, 2])).toEqual([2, 4])
      expect(await pool.map({ module: at('single.cjs') }, [1, 2])).toEqual([2, 4])
    })
  })

  suite.test('a module may await at its top level', async ({ mp }) => {
    const text = 'const two = await new Promise((resolve) => setTimeout(resolve, 5, 2))\nexport default (n) => n * two'
    await withModules({ 'awaits.mjs': text }, async (at) => {
      await using pool = new mp.Pool(1)
      expect(await pool.map({ module: at('awaits.mjs') }, [1, 2])).toEqual([2, 4])
    })
  })

  suite.test('what names no module is refused at the call', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    for (const given of ['./work.js', 'work.js', '', 5, null, {}] as unknown as string[]) {
      const target = { module: given, name: 'square' }
      expect(
        thrownAtOnce(() => pool.map(target, [1])),
        String(given),
      ).toBeInstanceOf(TypeError)
      expect(
        thrownAtOnce(() => new mp.Process({ target })),
        String(given),
      ).toBeInstanceOf(TypeError)
    }
    for (const name of [5, null, {}] as unknown as string[]) {
      expect(thrownAtOnce(() => pool.map({ module, name }, [1]))).toBeInstanceOf(TypeError)
    }
    expect(await pool.map(square, [3])).toEqual([9])
  })
}
