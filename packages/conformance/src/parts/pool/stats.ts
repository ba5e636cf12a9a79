import type { Pool, TimeHistogram } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { drain } from '../../support/iterating.js'
import { thrown } from '../../support/thrown.js'
import { block, die, failSome, passGate, square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const NOTHING = { count: 0, min: 0, max: 0, mean: 0, p50: 0, p90: 0, p99: 0 }

/** What a pool tells of itself. */
export function stats(suite: Suite): void {
  suite.test('at first all is zero', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    expect(pool.stats).toEqual({ queued: 0, running: 0, completed: 0, failed: 0, waitTime: NOTHING, runTime: NOTHING })
  })

  suite.test('queued and running at this moment, completed and failed since the beginning', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(2)
    const [ran, came, gate] = [new mp.Array('uint8', 30), new mp.Value('int32', 0), new mp.Queue()]
    const calls = numbers(5).map((n) => pool.apply(passGate, [{ n, ran, came, gate }]))
    const before = pool.stats
    expect([before.queued + before.running, before.completed]).toEqual([5, 0])
    await tools.until(() => came.value === 2, 'the start of two')
    expect(pool.stats).toMatchObject({ queued: 3, running: 2, completed: 0, failed: 0 })
    gate.shutdown()
    await Promise.all(calls)
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, completed: 5, failed: 0 })
    await pool.map(square, numbers(100))
    expect(pool.stats).toMatchObject({ completed: 105, failed: 0 })
    const items = numbers(30).map((n) => ({ n, ran }))
    await pool.map(failSome, items, { settled: true })
    await drain(pool.imap(square, numbers(10), { chunksize: 3 }))
    expect(pool.stats).toMatchObject({ completed: 142, failed: 3 })
    await thrown(() => pool.apply(die, ['exit', 3]))
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, completed: 142, failed: 4 })
    expectTimes(pool, 145)
  })

  suite.test('run time is the time of the function, wait time that before it', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(1)
    const [ran, came, gate] = [new mp.Array('uint8', 1), new mp.Value('int32', 0), new mp.Queue()]
    const start = performance.now()
    const held = pool.apply(passGate, [{ n: 0, ran, came, gate }])
    await tools.until(() => came.value === 1, 'the start of the task')
    const behind = pool.apply(square, [3])
    const [running, called] = [performance.now(), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, 30))
    const shut = performance.now()
    gate.shutdown()
    await Promise.all([held, behind])
    const { waitTime, runTime } = pool.stats
    const total = performance.now() - start
    // The one that was held ran all that time; the other one waited all that time. Clocks are read to 0.1 ms.
    expect(runTime.max).toBeGreaterThanOrEqual(shut - running - 0.1)
    expect(waitTime.max).toBeGreaterThanOrEqual(shut - called - 0.1)
    expect(Math.max(waitTime.max, runTime.max)).toBeLessThanOrEqual(total + 0.1)
    expectTimes(pool, 2)
  })

  suite.test('what was cancelled counts nowhere', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    const started = new tools.mp.Value('int32', 0)
    const control = tools.abortController()
    const calls = numbers(3).map(() => thrown(() => pool.apply(block, [started], { signal: control.signal })))
    await tools.until(() => started.value === 1, 'the start of the first')
    expect(pool.stats).toMatchObject({ queued: 2, running: 1 })
    control.abort('enough')
    await Promise.all(calls)
    expect(await pool.apply(square, [3])).toBe(9)
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, completed: 1, failed: 0 })
  })

  if (suite.capabilities.sync) {
    suite.test('sync calls count, too; and after the end it can still be read', async ({ mp }) => {
      const pool = new mp.Pool(1)
      expect([pool.applySync(square, [2]), pool.mapSync(square, [3, 4])]).toEqual([4, [9, 16]])
      expect(pool.stats).toMatchObject({ queued: 0, running: 0, completed: 3, failed: 0 })
      await pool.terminate()
      expect(pool.stats).toMatchObject({ queued: 0, running: 0, completed: 3, failed: 0 })
      expectTimes(pool, 3)
    })
  }
}

function expectTimes(pool: Pool, count: number): void {
  for (const times of [pool.stats.waitTime, pool.stats.runTime]) {
    expect(times.count).toBe(count)
    const { min, p50, p90, p99, max, mean }: TimeHistogram = times
    const ordered = [0, min, p50, p90, p99, max]
    expect(ordered).toEqual([...ordered].sort((a, b) => a - b))
    expect(mean).toBeGreaterThanOrEqual(min)
    expect(mean).toBeLessThanOrEqual(max)
  }
}
