import { AsyncLocalStorage } from 'node:async_hooks'
import type { Progress } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown } from '../../support/thrown.js'
import { withUncaught } from '../../support/uncaught.js'
import { square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** `onProgress`, after each chunk. */
export function progress(suite: Suite): void {
  suite.test('onProgress is called after each chunk', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const [n, chunksize] of [
      [10, 1],
      [10, 3],
      [10, 10],
      [10, 99],
      [1_000, 100],
    ] as const) {
      const calls: Progress[] = []
      await pool.map(square, numbers(n), { chunksize, onProgress: (progress) => calls.push({ ...progress }) })
      expect(calls.length).toBe(Math.ceil(n / chunksize))
      expect(calls.every(({ total }) => total === n)).toBe(true)
      expect(calls.map(({ done }) => done)).toEqual(calls.map(({ done }) => done).sort((a, b) => a - b))
      expect(calls.at(-1)).toEqual({ done: n, total: n })
    }
  })

  suite.test('the default chunksize is ceil(n / (4 × processes))', async ({ mp }) => {
    for (const processes of [1, 3]) {
      await using pool = new mp.Pool(processes)
      for (const n of [1, 7, 8, 9, 100, 1_001]) {
        let chunks = 0
        await pool.map(square, numbers(n), { onProgress: () => chunks++ })
        expect(chunks, `${n} items, ${processes} processes`).toBe(Math.ceil(n / Math.ceil(n / (4 * processes))))
      }
    }
  })

  suite.test('failed items count as done', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const seen: number[] = []
    const fail = (n: number) => {
      if (n % 2) throw new Error('odd')
      return n
    }
    await thrown(() => pool.map(fail, numbers(10), { chunksize: 2, onProgress: ({ done }) => seen.push(done) }))
    expect(seen).toEqual([2, 4, 6, 8, 10])
  })

  suite.test('onProgress runs in the async flow of the call', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const flow = new AsyncLocalStorage<string>()
    const lock = new mp.RLock()
    const seen: unknown[] = []
    // Where it had an RLock, it has it still.
    const onProgress = () => lock.runExclusiveSync(() => seen.push(flow.getStore()))
    await flow.run('of the call', () => lock.runExclusive(() => pool.map(square, numbers(6), { chunksize: 2, onProgress })))
    expect(seen).toEqual(['of the call', 'of the call', 'of the call'])
  })

  suite.test('what onProgress throws is an uncaught exception, and the map goes on', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const trouble = new Error('from onProgress')
    await withUncaught(async (uncaught) => {
      const onProgress = () => {
        throw trouble
      }
      expect(await pool.map(square, numbers(6), { chunksize: 2, onProgress })).toEqual([0, 1, 4, 9, 16, 25])
      while (uncaught.length < 3) await new Promise((resolve) => setImmediate(resolve))
      expect(uncaught).toEqual([trouble, trouble, trouble])
    })
    expect(await pool.map(square, [3])).toEqual([9])
  })
}
