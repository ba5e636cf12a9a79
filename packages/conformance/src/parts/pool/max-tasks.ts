import { WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { drain, pidsOf } from '../../support/iterating.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { block, die, failSome, passGate, square } from '../../workers/pool-tasks.js'
import { countHere, whoAmI } from '../../workers/pool-workers.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** `maxTasksPerChild`: workers that end after so many chunks, and those who take their places. */
export function maxTasks(suite: Suite): void {
  /** As the pool calls the one that says `whoAmI`. */
  const pidOf = (worker: string) => Number(worker.split('/')[suite.capabilities.isolation === 'process' ? 0 : 1])

  suite.test('it is a whole number from 1, or absent', async ({ mp }) => {
    for (const maxTasksPerChild of [0, -1, 0.5, Number.POSITIVE_INFINITY, Number.NaN])
      expect(thrownAtOnce(() => new mp.Pool({ maxTasksPerChild }))).toBeInstanceOf(RangeError)
    for (const maxTasksPerChild of ['1', null, {}, 1n] as never[])
      expect(thrownAtOnce(() => new mp.Pool({ maxTasksPerChild }))).toBeInstanceOf(TypeError)
    await using pool = new mp.Pool({ processes: 1, maxTasksPerChild: undefined })
    expect(await pool.map(square, [3])).toEqual([9])
  })

  suite.test('no worker does more chunks than that; none is lost or done twice', async (tools) => {
    const { mp } = tools
    for (const [maxTasksPerChild, chunksize] of [
      [1, 1],
      [3, 1],
      [2, 4],
    ] as const) {
      await using pool = new mp.Pool({ processes: 2, maxTasksPerChild })
      const done = new mp.Array('int32', 17)
      const items = numbers(17).map((n) => ({ n, done }))
      const workers = await pool.map(whoAmI, items, { chunksize })
      expect([...done]).toEqual(items.map(() => 1))
      const chunks = new Map<string, Set<number>>()
      workers.forEach((worker, n) => {
        chunks.set(worker, (chunks.get(worker) ?? new Set()).add(Math.floor(n / chunksize)))
      })
      for (const [worker, set] of chunks) expect(set.size, worker).toBeLessThanOrEqual(maxTasksPerChild)
      // A chunk is the business of one worker.
      expect([...chunks.values()].reduce((sum, set) => sum + set.size, 0)).toBe(Math.ceil(17 / chunksize))
      // One that came late may have done fewer, and stays.
      const spent = [...chunks].filter(([, { size }]) => size === maxTasksPerChild).map(([worker]) => pidOf(worker))
      expect(spent.length).toBeGreaterThan(0)
      const isReplaced = () => pidsOf(pool).length === 2 && !pidsOf(pool).some((pid) => pid !== null && spent.includes(pid))
      await tools.until(isReplaced, 'the replacement of the workers')
      expect(await pool.map(square, [3])).toEqual([9])
    }
  })

  suite.test('apply, imap and async calls count, too; failures count like any other', async ({ mp }) => {
    await using pool = new mp.Pool({ processes: 1, maxTasksPerChild: 2 })
    const counts: number[] = []
    for (let n = 0; n < 5; n++) counts.push(await pool.apply(countHere))
    expect(counts).toEqual([1, 2, 1, 2, 1])
    const ran = new mp.Array('uint8', 4)
    expect(await thrown(() => pool.apply(failSome, [{ n: 3, ran }]))).toMatchObject({ message: 'item 3' })
    expect((await drain(pool.imap(countHere, numbers(4)))).results).toEqual([1, 2, 1, 2])
    // Two chunks of three.
    expect((await drain(pool.imap(countHere, numbers(6), { chunksize: 3 }))).results).toEqual([1, 2, 3, 4, 5, 6])
    expect(await pool.mapAsync(countHere, numbers(6), { chunksize: 6 })).toEqual([1, 2, 3, 4, 5, 6])
  })

  suite.test(
    'a worker that is at its last chunk keeps its place: never more at work than processes',
    async (tools) => {
      const { mp } = tools
      await using pool = new mp.Pool({ processes: 1, maxTasksPerChild: 1 })
      const [ran, came, gate] = [new mp.Array('uint8', 3), new mp.Value('int32', 0), new mp.Queue()]
      const [before] = pidsOf(pool)
      const held = pool.apply(passGate, [{ n: 0, ran, came, gate }])
      await tools.until(() => came.value === 1, 'the start of the first')
      const next = pool.apply(passGate, [{ n: 1, ran, came, gate }])
      // Its successor has come.
      await tools.until(() => pidsOf(pool).length === 1 && pidsOf(pool)[0] !== before, 'the start of the successor')
      expect(pool.stats).toMatchObject({ queued: 1, running: 1 })
      expect(came.value).toBe(1)
      gate.shutdown()
      expect([await held, await next]).toEqual([0, 1])
    },
    { standby: true },
  )

  suite.test('initializers run in each of them', async ({ mp }) => {
    const started = new mp.Value('int32', 0)
    const initializer = (value: typeof started) => {
      value.add(1)
      ;(globalThis as { greeting?: string }).greeting = 'hello'
    }
    await using pool = new mp.Pool({ processes: 1, maxTasksPerChild: 1, initializer, initargs: [started] })
    for (let n = 0; n < 3; n++) expect(await pool.apply(() => (globalThis as { greeting?: string }).greeting)).toBe('hello')
    expect(started.value).toBeGreaterThanOrEqual(3)
  })

  suite.test('many ends are no failed starts', async ({ mp }) => {
    await using pool = new mp.Pool({ processes: 2, maxTasksPerChild: 1 })
    expect(await pool.map(square, numbers(30), { chunksize: 1 })).toEqual(numbers(30).map((n) => n * n))
  })

  suite.test('a worker that dies at its last chunk', async (tools) => {
    await using pool = new tools.mp.Pool({ processes: 1, maxTasksPerChild: 1 })
    for (let n = 0; n < 3; n++) {
      const dying = thrown(() => pool.apply(die, ['exit', 5]))
      const behind = pool.apply(square, [n])
      expect(await inTime(dying, tools.within(10_000), 'the rejection')).toBeInstanceOf(WorkerDiedError)
      expect(await inTime(behind, tools.within(10_000), 'the one behind')).toBe(n * n)
    }
  })

  suite.test('a worker that is aborted at its last chunk', async (tools) => {
    await using pool = new tools.mp.Pool({ processes: 1, maxTasksPerChild: 1 })
    for (let n = 0; n < 3; n++) {
      const started = new tools.mp.Value('int32', 0)
      const control = tools.abortController()
      const aborted = thrown(() => pool.apply(block, [started], { signal: control.signal }))
      const behind = pool.apply(square, [n])
      await tools.until(() => started.value === 1, 'the start of the task')
      control.abort('enough')
      expect([await aborted, await inTime(behind, tools.within(10_000), 'the one behind')]).toEqual(['enough', n * n])
    }
  })

  suite.test('close and join: all that was called is done; terminate in the midst', async ({ mp, within, until }) => {
    const pool = new mp.Pool({ processes: 2, maxTasksPerChild: 1 })
    const squares = pool.map(square, numbers(9), { chunksize: 1 })
    pool.close()
    await inTime(pool.join(), within(20_000), 'the join')
    expect(await squares).toEqual(numbers(9).map((n) => n * n))
    const other = new mp.Pool({ processes: 2, maxTasksPerChild: 1 })
    const started = new mp.Value('int32', 0)
    const pending = thrown(() => other.map(block, [started, started, started], { chunksize: 1 }))
    await until(() => started.value === 2, 'the start of the tasks')
    await inTime(other.terminate(), within(2_000), 'the end of terminate()')
    expect(await pending).toMatchObject({ code: 'MP_CLOSED' })
    expect(other.workers).toEqual([])
  })

  if (suite.capabilities.sync) {
    suite.test('mapSync and applySync replace workers, too', async ({ mp }) => {
      await using pool = new mp.Pool({ processes: 2, maxTasksPerChild: 1 })
      expect(pool.mapSync(square, numbers(8), { chunksize: 1 })).toEqual(numbers(8).map((n) => n * n))
      expect(pool.applySync(square, [5])).toBe(25)
    })
  }
}
