import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown } from '../../support/thrown.js'
import { spin, square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** Many calls, many pools, many workers at once. */
export function crowds(suite: Suite): void {
  suite.test('many maps at once', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const maps = numbers(60).map((k) =>
      pool.map(
        (n: number) => n + 1,
        numbers(k * 5).map((n) => n + k),
        { chunksize: 1 + (k % 6) },
      ),
    )
    const all = await Promise.all(maps)
    all.forEach((results, k) => {
      expect(results).toEqual(numbers(k * 5).map((n) => n + k + 1))
    })
  })

  suite.test('ten thousand calls at once', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const results = await Promise.all(numbers(10_000).map((n) => pool.apply(square, [n])))
    expect(results.findIndex((result, n) => result !== n * n)).toBe(-1)
  })

  for (const end of ['terminate', 'abort', 'timeout'] as const) {
    suite.test(`twenty thousand pending calls end at once (${end})`, async ({ mp, within, abortController }) => {
      const pool = new mp.Pool(1)
      const started = new mp.Value('int32', 0)
      const control = abortController()
      const options = end === 'timeout' ? { timeout: 300 } : { signal: control.signal }
      const calls = [pool.apply(spin, [started]), ...numbers(20_000).map((n) => pool.apply(square, [n], options))]
      const all = Promise.allSettled(calls.slice(end === 'terminate' ? 0 : 1))
      calls[0]?.catch(() => {})
      if (end === 'timeout') await thrown(() => calls[1])
      const start = performance.now()
      if (end === 'terminate') await pool.terminate()
      else control.abort('enough')
      expect(new Set((await all).map(({ status }) => status))).toEqual(new Set(['rejected']))
      expect(performance.now() - start).toBeLessThan(within(2_000))
      await pool.terminate()
    })
  }

  suite.test('several pools at once, and handles among them', async ({ mp }) => {
    const value = new mp.Value('int32', 0)
    const pools = [new mp.Pool(1), new mp.Pool(2), new mp.Pool(1)]
    const add = ([shared, n]: [typeof value, number]) => shared.add(n)
    await Promise.all(
      pools.map((pool) =>
        pool.map(
          add,
          numbers(100).map((n): [typeof value, number] => [value, n]),
        ),
      ),
    )
    expect(value.value).toBe(3 * 4_950)
    await pools[1]?.terminate()
    expect(await pools[0]?.map(square, [3])).toEqual([9])
    await Promise.all(pools.map((pool) => pool.terminate()))
  })

  suite.test('more workers than processors', async ({ mp }) => {
    await using pool = new mp.Pool(8)
    expect([pool.processes, pool.workers.length]).toEqual([8, 8])
    const pids = new Set(pool.workers.map(({ pid }) => pid))
    expect(pids.size).toBe(8)
    expect(pids.has(mp.currentProcess().pid)).toBe(false)
    expect(await pool.map(square, numbers(500), { chunksize: 1 })).toEqual(numbers(500).map((n) => n * n))
  })

  suite.test('each worker is one agent: what a task leaves there the next one finds', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const count = () => {
      const globals = globalThis as { countOfCalls?: number }
      globals.countOfCalls = (globals.countOfCalls ?? 0) + 1
      return globals.countOfCalls
    }
    expect(await pool.map(count, [0, 0, 0])).toEqual([1, 2, 3])
    expect('countOfCalls' in globalThis).toBe(false)
  })
}
