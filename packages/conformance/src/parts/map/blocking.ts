import { NotSupportedError, WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { die, dieAt, failSome, square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** `mapSync` and `applySync`: results with no turn of this thread's event loop. */
export function blocking(suite: Suite): void {
  const { sync } = suite.capabilities
  if (!sync) {
    suite.test('the sync forms are not supported', async ({ mp }) => {
      await using pool = new mp.Pool(1)
      expect(thrownAtOnce(() => pool.mapSync(square, [1]))).toBeInstanceOf(NotSupportedError)
      expect(thrownAtOnce(() => pool.applySync(square, [1]))).toBeInstanceOf(NotSupportedError)
    })
    return
  }

  suite.test('mapSync and applySync give results, workers that are only starting included', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    let turned = false
    setImmediate(() => {
      turned = true
    })
    expect(pool.mapSync(square, numbers(100))).toEqual(numbers(100).map((n) => n * n))
    expect(pool.mapSync(square, new Set([3, 4]), { chunksize: 1 })).toEqual([9, 16])
    expect(pool.mapSync(square, [])).toEqual([])
    expect(pool.applySync(square, [5])).toBe(25)
    expect(turned, 'the event loop turned').toBe(false)
    expect(await pool.map(square, [6])).toEqual([36])
  })

  suite.test('mapSync of a million items', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const results = pool.mapSync((n: number) => n + 1, numbers(1_000_000))
    expect([results.length, results.findIndex((result, n) => result !== n + 1)]).toEqual([1_000_000, -1])
  })

  suite.test('async functions are awaited', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const later = async (n: number) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return n + 1
    }
    expect(pool.mapSync(later, numbers(10))).toEqual(numbers(10).map((n) => n + 1))
    expect(pool.applySync(later, [1])).toBe(2)
  })

  suite.test('errors are thrown, the first by input order, and all other items ran', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const ran = new mp.Array('uint8', 40)
    const items = numbers(40).map((n) => ({ n, ran }))
    const error = thrownAtOnce(() => pool.mapSync(failSome, items, { chunksize: 3 }))
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'item 3' })
    expect([...ran]).toEqual(items.map(() => 1))
    expect(thrownAtOnce(() => pool.applySync(failSome, [{ n: 3, ran }]))).toMatchObject({ message: 'item 3' })
  })

  suite.test('async calls that were made before go on meanwhile, and are done afterwards', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const before = pool.map(square, numbers(50), { chunksize: 5 })
    const single = numbers(20).map((n) => pool.apply(square, [n]))
    const failing = thrown(() => pool.apply(() => Promise.reject(new RangeError('async'))))
    expect(pool.mapSync(square, numbers(50), { chunksize: 5 })).toEqual(numbers(50).map((n) => n * n))
    expect(await before).toEqual(numbers(50).map((n) => n * n))
    expect(await Promise.all(single)).toEqual(numbers(20).map((n) => n * n))
    expect(await failing).toMatchObject({ message: 'async' })
  })

  suite.test(
    'a worker that dies meanwhile is noticed, and the rest goes on',
    async (tools) => {
      const { mp } = tools
      await using pool = new mp.Pool(2)
      for (const [how, code] of [
        ['exit', 0],
        ['exit', 5],
        ['throw later', 1],
      ] as const) {
        const error = thrownAtOnce(() => pool.applySync(die, [how, code], { timeout: tools.within(20_000) })) as WorkerDiedError
        expect(error).toBeInstanceOf(WorkerDiedError)
        expect(error.exitCode).toBe(code)
        if (how === 'throw later') expect(error.cause).toMatchObject({ message: 'uncaught' })
      }
      const ran = new mp.Array('uint8', 30)
      const items = numbers(30).map((n) => ({ n, ran, last: 11 }))
      const error = thrownAtOnce(() => pool.mapSync(dieAt, items, { chunksize: 1, timeout: tools.within(20_000) }))
      expect(error).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 7 })
      expect([...ran]).toEqual(items.map(({ n }) => (n === 11 ? 0 : 1)))
      await tools.until(() => pool.workers.length === 2, 'the replacement of the workers')
      expect(pool.mapSync(square, [1, 2, 3])).toEqual([1, 4, 9])
    },
    { liveness: 'anytime' },
  )

  suite.test(
    'workers that all die are replaced with the event loop blocked',
    async ({ mp, within }) => {
      await using pool = new mp.Pool(1)
      for (let round = 0; round < 4; round++) {
        const error = thrownAtOnce(() => pool.applySync(die, ['exit', round], { timeout: within(20_000) }))
        expect(error).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: round })
        expect(pool.applySync(square, [round], { timeout: within(20_000) })).toBe(round * round)
      }
    },
    { liveness: 'anytime' },
  )
}
