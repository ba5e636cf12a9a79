import { WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { drain, pidsOf } from '../../support/iterating.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { block, square, squareLate } from '../../workers/pool-tasks.js'
import { countHere, dieWhen, meet, waitAt } from '../../workers/pool-workers.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** `concurrency`: async tasks that overlap in one worker. */
export function concurrency(suite: Suite): void {
  suite.test('it is a whole number from 1, or absent', async ({ mp }) => {
    for (const concurrency of [0, -1, 0.5, Number.POSITIVE_INFINITY, Number.NaN])
      expect(thrownAtOnce(() => new mp.Pool({ concurrency }))).toBeInstanceOf(RangeError)
    for (const concurrency of ['1', null, {}, 1n] as never[])
      expect(thrownAtOnce(() => new mp.Pool({ concurrency }))).toBeInstanceOf(TypeError)
  })

  suite.test('by default one task follows the other', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(1)
    const [gate, came] = [new mp.Queue(), new mp.Value('int32', 0)]
    const calls = [pool.apply(waitAt, [gate, came]), pool.apply(waitAt, [gate, came])]
    await tools.until(() => came.value === 1, 'the start of the first')
    expect(pool.stats).toMatchObject({ queued: 1, running: 1 })
    gate.shutdown()
    expect(await Promise.all(calls)).toEqual(['passed', 'passed'])
  })

  suite.test('as many as it says overlap in each worker, and no more', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool({ processes: 2, concurrency: 3 })
    const came = new mp.Value('int32', 0)
    const items = numbers(6).map((n) => ({ n, came, all: 6 }))
    expect(await pool.map(meet, items, { chunksize: 1 })).toEqual(numbers(6))
    came.value = 0
    expect((await drain(pool.imap(meet, items))).results).toEqual(numbers(6))
    const [gate, waiting] = [new mp.Queue(), new mp.Value('int32', 0)]
    const calls = numbers(8).map(() => pool.apply(waitAt, [gate, waiting]))
    await tools.until(() => waiting.value === 6, 'the start of six')
    expect(pool.stats).toMatchObject({ queued: 2, running: 6 })
    gate.shutdown()
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'passed'))
    expect(waiting.value).toBe(8)
  })

  suite.test('every result is that of its own task', async ({ mp }) => {
    await using pool = new mp.Pool({ processes: 2, concurrency: 8 })
    const later = async (n: number) => {
      for (let turn = n % 5; turn >= 0; turn--) await new Promise((resolve) => setImmediate(resolve))
      if (n % 50 === 7) throw new RangeError(`item ${n}`)
      return n * 2
    }
    const results = await pool.map(later, numbers(600), { chunksize: 1, settled: true })
    results.forEach((result, n) => {
      if (n % 50 === 7) expect(result).toMatchObject({ status: 'rejected', reason: { message: `item ${n}` } })
      else expect(result).toEqual({ status: 'fulfilled', value: n * 2 })
    })
    expect(await pool.map(squareLate, numbers(100))).toEqual(numbers(100).map((n) => n * n))
    expect(await Promise.all(numbers(2_000).map((n) => pool.apply(square, [n])))).toEqual(numbers(2_000).map((n) => n * n))
  })

  suite.test("a worker's death rejects exactly what it had in hand", async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool({ processes: 1, concurrency: 3 })
    for (let round = 0; round < 3; round++) {
      const [gate, came] = [new mp.Queue(), new mp.Value('int32', 0)]
      const held = numbers(2).map(() => thrown(() => pool.apply(waitAt, [gate, came])))
      const dying = thrown(() => pool.apply(dieWhen, [came, 3]))
      const behind = numbers(20).map((n) => pool.apply(square, [n]))
      for (const error of await inTime(Promise.all([...held, dying]), tools.within(10_000), 'the rejections')) {
        expect(error).toBeInstanceOf(WorkerDiedError)
        expect(error).toMatchObject({ exitCode: 9 })
      }
      expect(await inTime(Promise.all(behind), tools.within(10_000), 'those behind')).toEqual(numbers(20).map((n) => n * n))
    }
  })

  suite.test(
    'a cancelled task harms no neighbour, and its worker is replaced',
    async (tools) => {
      const { mp } = tools
      await using pool = new mp.Pool({ processes: 1, concurrency: 3 })
      const [before] = pidsOf(pool)
      const [gate, never, came] = [new mp.Queue(), new mp.Queue(), new mp.Value('int32', 0)]
      const control = tools.abortController()
      const neighbour = pool.apply(waitAt, [gate, came])
      const aborted = thrown(() => pool.apply(waitAt, [never, came], { signal: control.signal }))
      const other = pool.apply(waitAt, [gate, came])
      await tools.until(() => came.value === 3, 'the start of all')
      const queued = thrown(() => pool.apply(waitAt, [never, came], { signal: control.signal }))
      const behind = pool.apply(square, [4])
      control.abort('enough')
      expect(await Promise.all([aborted, queued])).toEqual(['enough', 'enough'])
      // Not behind the neighbours, who still wait.
      expect(await inTime(behind, tools.within(10_000), 'the one behind')).toBe(16)
      expect(pidsOf(pool)).toHaveLength(1)
      expect(pidsOf(pool)).not.toContain(before)
      expect(came.value).toBe(3)
      gate.shutdown()
      expect(await Promise.all([neighbour, other])).toEqual(['passed', 'passed'])
      pool.close()
      // The one that was given up has gone with its worker.
      await inTime(pool.join(), tools.within(10_000), 'the join')
    },
    { standby: true },
  )

  suite.test(
    'a cancelled task that keeps the thread to itself takes its neighbours with it, and nothing hangs',
    async (tools) => {
      const { mp } = tools
      await using pool = new mp.Pool({ processes: 1, concurrency: 2 })
      const [gate, came, started] = [new mp.Queue(), new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const neighbour = thrown(() => pool.apply(waitAt, [gate, came]))
      await tools.until(() => came.value === 1, 'the start of the neighbour')
      const control = tools.abortController()
      const aborted = thrown(() => pool.apply(block, [started], { signal: control.signal }))
      await tools.until(() => started.value === 1, 'the start of the task')
      control.abort('enough')
      expect(await aborted).toBe('enough')
      expect(await inTime(neighbour, tools.within(10_000), 'the end of the neighbour')).toBeInstanceOf(WorkerDiedError)
      expect(await pool.apply(square, [4])).toBe(16)
    },
  )

  suite.test('with maxTasksPerChild: what is in hand is done before the end', async ({ mp }) => {
    await using pool = new mp.Pool({ processes: 1, concurrency: 3, maxTasksPerChild: 3 })
    for (let round = 0; round < 3; round++) {
      const came = new mp.Value('int32', 0)
      const items = numbers(3).map((n) => ({ n, came, all: 3 }))
      expect(await pool.map(meet, items, { chunksize: 1 })).toEqual([0, 1, 2])
    }
    expect((await pool.map(countHere, numbers(6), { chunksize: 1 })).sort()).toEqual([1, 1, 2, 2, 3, 3])
  })

  suite.test('close lets all that was called go on, terminate ends it', async (tools) => {
    const { mp } = tools
    const pool = new mp.Pool({ processes: 1, concurrency: 4 })
    const [gate, came] = [new mp.Queue(), new mp.Value('int32', 0)]
    const calls = numbers(6).map(() => pool.apply(waitAt, [gate, came]))
    await tools.until(() => came.value === 4, 'the start of four')
    pool.close()
    gate.shutdown()
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'passed'))
    await inTime(pool.join(), tools.within(10_000), 'the join')
    const other = new mp.Pool({ processes: 1, concurrency: 4 })
    const never = new mp.Queue()
    const pending = numbers(6).map(() => thrown(() => other.apply(waitAt, [never, came])))
    await tools.until(() => came.value === 10, 'the start of four')
    await inTime(other.terminate(), tools.within(2_000), 'the end of terminate()')
    for (const error of await Promise.all(pending)) expect(error).toMatchObject({ code: 'MP_CLOSED' })
  })
}
