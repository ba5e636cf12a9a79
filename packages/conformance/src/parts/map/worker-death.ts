import { type Pool, WorkerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { thrown } from '../../support/thrown.js'
import { surviveError } from '../../workers/ending.js'
import { block, die, dieAfterwards, dieAt, passGate, square } from '../../workers/pool-tasks.js'

/** Workers that die: exactly the tasks they held are rejected, they are replaced, the rest goes on. */
export function workerDeath(suite: Suite): void {
  for (const code of [0, 1, 7]) {
    suite.test(`exit(${code}) in a task rejects it with WorkerDiedError`, async ({ mp, within }) => {
      await using pool = new mp.Pool(1)
      const [pid] = pidsOf(pool)
      const call = thrown(() => pool.apply(die, ['exit', code]))
      const behind = pool.apply(square, [5])
      const error = await inTime(call, within(10_000), 'the rejection')
      expect(error).toBeInstanceOf(WorkerDiedError)
      expect(error).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: code, pid })
      expect((error as Error).cause).toBe(undefined)
      expect(await behind).toBe(25)
      expect(pidsOf(pool)).toHaveLength(1)
      expect(pidsOf(pool)).not.toContain(pid)
    })
  }

  for (const how of ['throw later', 'reject'] as const) {
    suite.test(`an uncaught error is the cause (${how})`, async ({ mp, within }) => {
      await using pool = new mp.Pool(1)
      const [pid] = pidsOf(pool)
      const error = (await inTime(
        thrown(() => pool.apply(die, [how, 0])),
        within(10_000),
        'the rejection',
      )) as WorkerDiedError
      expect(error).toBeInstanceOf(WorkerDiedError)
      expect(error).toMatchObject({ exitCode: 1, pid })
      expect(error.cause).toBeInstanceOf(RangeError)
      expect(error.cause).toMatchObject({ message: 'uncaught' })
      expect(await pool.apply(square, [5])).toBe(25)
    })
  }

  suite.test('an uncaught error that the worker survived is not the cause of its later death', async ({ mp, within }) => {
    await using pool = new mp.Pool(1)
    await pool.apply(surviveError, ['and then returns'])
    const error = await inTime(
      thrown(() => pool.apply(die, ['exit', 4])),
      within(10_000),
      'the rejection',
    )
    expect(error).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 4 })
    expect((error as Error).cause).toBe(undefined)
  })

  suite.test('a map loses what the dead worker held, and all other items ran', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    for (const last of [0, 20, 39]) {
      const ran = new mp.Array('uint8', 40)
      const items = Array.from({ length: 40 }, (_, n) => ({ n, ran, last }))
      const error = await thrown(() => pool.map(dieAt, items, { chunksize: 1 }))
      expect(error).toBeInstanceOf(WorkerDiedError)
      expect(error).toMatchObject({ exitCode: 7 })
      expect([...ran]).toEqual(items.map(({ n }) => (n === last ? 0 : 1)))
    }
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9])
  })

  suite.test('of several errors the first by input order counts, a death among them', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const fail = (n: number) => {
      if (n === 4) process.exit(3)
      if (n === 2 || n === 6) throw new RangeError(`item ${n}`)
      return n
    }
    expect(await thrown(() => pool.map(fail, [0, 1, 2, 3, 4, 5, 6], { chunksize: 1 }))).toMatchObject({ message: 'item 2' })
    expect(await thrown(() => pool.map(fail, [0, 1, 3, 4, 5, 6], { chunksize: 1 }))).toMatchObject({ exitCode: 3 })
  })

  suite.test('calls in other workers and behind in the queue are not affected', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(2)
    const [ran, came, gate] = [new mp.Array('uint8', 1), new mp.Value('int32', 0), new mp.Queue()]
    const neighbour = pool.apply(passGate, [{ n: 0, ran, came, gate }])
    await tools.until(() => came.value === 1, 'the start of the neighbour')
    const calls = Array.from({ length: 60 }, (_, n) =>
      n % 10 === 5 ? thrown(() => pool.apply(die, ['exit', n])) : pool.apply(square, [n]),
    )
    const ends = await Promise.all(calls)
    ends.forEach((end, n) => {
      if (n % 10 === 5) expect(end).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: n })
      else expect(end).toBe(n * n)
    })
    gate.shutdown()
    expect(await neighbour).toBe(0)
    await tools.until(() => pidsOf(pool).length === 2, 'the replacement of the workers')
  })

  suite.test('the death of an idle worker is invisible', async (tools) => {
    await using pool = new tools.mp.Pool(2)
    for (let round = 0; round < 3; round++) {
      const before = pidsOf(pool)
      expect(await pool.apply(dieAfterwards, [round])).toBe('done')
      await tools.until(() => pidsOf(pool).length === 2 && pidsOf(pool).some((pid) => !before.includes(pid)), 'the replacement')
      expect(await pool.map(square, [1, 2, 3, 4], { chunksize: 1 })).toEqual([1, 4, 9, 16])
    }
  })

  suite.test(
    'SIGKILL of a worker in the middle of a task',
    async (tools) => {
      await using pool = new tools.mp.Pool(1)
      const started = new tools.mp.Value('int32', 0)
      const [pid] = pidsOf(pool) as [number]
      const call = thrown(() => pool.apply(block, [started]))
      const behind = pool.apply(square, [5])
      await tools.until(() => started.value === 1, 'the start of the task')
      process.kill(pid, 'SIGKILL')
      expect(await inTime(call, tools.within(10_000), 'the rejection')).toMatchObject({ exitCode: -9, pid })
      expect(await behind).toBe(25)
    },
    { signals: true },
  )

  suite.test(
    'SIGKILL of an idle worker is invisible',
    async (tools) => {
      await using pool = new tools.mp.Pool(2)
      expect(await pool.map(square, [1, 2, 3, 4], { chunksize: 1 })).toEqual([1, 4, 9, 16])
      for (let round = 0; round < 5; round++) {
        const [pid] = pidsOf(pool) as [number]
        process.kill(pid, 'SIGKILL')
        expect(await pool.map(square, [1, 2, 3, 4], { chunksize: 1 })).toEqual([1, 4, 9, 16])
        await tools.until(() => !pidsOf(pool).includes(pid) && pidsOf(pool).length === 2, 'the replacement')
      }
    },
    { signals: true },
  )

  // In a Node of its own: only there can the heap be small, whatever a worker is.
  suite.test('out of memory in a task is the end of its worker and of no other', async ({ program }) => {
    const { code, stdout, stderr } = await program('out-of-memory', { env: { NODE_OPTIONS: '--max-old-space-size=64' } })
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      error: 'WorkerDiedError',
      code: 'MP_WORKER_DIED',
      replaced: true,
      behind: 25,
      after: 36,
    })
  })
}

function pidsOf(pool: Pool): (number | null)[] {
  return pool.workers.map(({ pid }) => pid)
}
