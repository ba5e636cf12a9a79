import { isMainProcess, type Queue, TargetError, task } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { runners } from '../../support/run-target.js'
import { importCore, requireCore, withModules } from '../../support/temporary-modules.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { square } from '../../workers/pool-tasks.js'
import { hidden, replyLater, replyTwice, replyWhetherMain } from '../../workers/replying.js'

/** `task(where, fn)`. */
export function tasks(suite: Suite): void {
  suite.test('a task is the function itself: callable here, and typed as it was', () => {
    const fn = function taskOfThisTest(text: string): number {
      return text.length
    }
    const same: (text: string) => number = task(import.meta, fn)
    expect(same).toBe(fn)
    expect(same('four')).toBe(4)
    // @ts-expect-error: a number is no string
    same.call(undefined, 4)
    expect(square(5)).toBe(25)
  })

  for (const [by, runner] of Object.entries(runners)) {
    suite.test(`tasks run elsewhere, exported or not (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        expect(await run(replyTwice, [21])).toBe(42)
        expect(await run(replyLater, [21])).toBe(42)
        expect(await run(hidden.replyHidden, [21])).toBe(63)
      }),
    )

    suite.test(`isMainProcess is false there, and true here (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        expect(await run(replyWhetherMain)).toBe(false)
        expect([isMainProcess, mp.isMainProcess]).toEqual([true, true])
      }),
    )
  }

  suite.test('where: import.meta, a URL, a file URL, a path; in CommonJS __filename', async ({ mp }) => {
    const files = {
      'meta.mjs': `${importCore('task')}\nexport const twice = task(import.meta, function twice(n) { return n * 2 })`,
      'url.mjs': `${importCore('task')}\nexport const twice = task(new URL(import.meta.url), function twice(n) { return n * 2 })`,
      'href.mjs': `${importCore('task')}\nexport const twice = task(import.meta.url, function twice(n) { return n * 2 })`,
      'path.mjs': `${importCore('task')}\nimport { fileURLToPath } from 'node:url'
        export const twice = task(fileURLToPath(import.meta.url), function twice(n) { return n * 2 })`,
      'filename.cjs': `${requireCore('task')}\nexports.twice = task(__filename, function twice(n) { return n * 2 })`,
    }
    await withModules(files, async (at) => {
      await using pool = new mp.Pool(1)
      for (const file of Object.keys(files)) {
        const { twice } = (await import(at(file).href)) as { twice: (n: number) => number }
        expect(await pool.map(twice, [1, 2]), file).toEqual([2, 4])
      }
    })
  })

  suite.test('a module is loaded once per worker, however many of its tasks are called', async ({ mp }) => {
    const text = `${importCore('task')}
      globalThis.timesLoaded = (globalThis.timesLoaded ?? 0) + 1
      export const one = task(import.meta, function one() { return globalThis.timesLoaded })
      export const two = task(import.meta, function two() { return globalThis.timesLoaded })`
    await withModules({ 'counting.mjs': text }, async (at) => {
      await using pool = new mp.Pool(1)
      const { one, two } = (await import(at('counting.mjs').href)) as { one: () => number; two: () => number }
      const reference = { module: at('counting.mjs'), name: 'two' }
      expect([await pool.apply(one), await pool.apply(two), await pool.apply(reference), await pool.apply(one)]).toEqual([
        1, 1, 1, 1,
      ])
    })
  })

  suite.test(
    'a nameless function, a second one of the same name, a generator and a class are refused at their definition',
    () => {
      for (const make of [
        () =>
          task(
            import.meta,
            (
              () => () =>
                1
            )(),
          ),
        () =>
          task(
            import.meta,
            (
              () => async () =>
                1
            )(),
          ),
        () => task(import.meta, function* generates() {} as never),
        () => task(import.meta, async function* generatesLater() {} as never),
        () => task(import.meta, class Constructed {} as never),
      ]) {
        const error = thrownAtOnce(make)
        expect(error).toBeInstanceOf(TargetError)
        expect(error).toMatchObject({ code: 'MP_TARGET' })
      }
      task(import.meta, function metTwice() {})
      const again = thrownAtOnce(() => task(import.meta, function metTwice() {})) as Error
      expect(again).toBeInstanceOf(TargetError)
      expect(again.message).toContain('metTwice')
    },
  )

  suite.test('bad arguments of task() are refused', () => {
    for (const where of [undefined, null, 5, {}, 'relative/path.js', './here.js'] as unknown as string[]) {
      expect(
        thrownAtOnce(() => task(where, function somewhere() {})),
        String(where),
      ).toBeInstanceOf(TypeError)
    }
    for (const fn of [undefined, null, 'square', {}] as unknown as (() => void)[]) {
      expect(
        thrownAtOnce(() => task(import.meta, fn)),
        String(fn),
      ).toBeInstanceOf(TypeError)
    }
  })

  suite.test('a task that its module defines only here is a TargetError there', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const onlyHere = task(import.meta, function onlyHere(_reply: Queue<unknown>) {})
    const error = await pool.apply(onlyHere as never).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TargetError)
    expect((error as Error).message).toContain('onlyHere')
    expect(await pool.apply(square, [3])).toBe(9)
  })
}
