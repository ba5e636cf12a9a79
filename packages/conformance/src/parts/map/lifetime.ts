import { ClosedError, type Pool, StateError, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { block, passGate, pend, spin, square } from '../../workers/pool-tasks.js'

/** A pool's beginning and end. */
export function lifetime(suite: Suite): void {
  suite.test('processes is a whole number from 1, or absent', async ({ mp }) => {
    for (const processes of [0, -1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const kind = Number.isNaN(processes) ? Error : RangeError
      expect(
        thrownAtOnce(() => new mp.Pool(processes)),
        `Pool(${processes})`,
      ).toBeInstanceOf(kind)
      expect(
        thrownAtOnce(() => new mp.Pool({ processes })),
        `Pool({ processes: ${processes} })`,
      ).toBeInstanceOf(kind)
    }
    for (const processes of ['2', null, {}, 2n] as unknown as number[]) {
      expect(
        thrownAtOnce(() => new mp.Pool({ processes })),
        `processes: ${String(processes)}`,
      ).toBeInstanceOf(TypeError)
    }
    for (const options of ['2', null, true, () => {}] as unknown as number[]) {
      expect(
        thrownAtOnce(() => new mp.Pool(options)),
        `Pool(${String(options)})`,
      ).toBeInstanceOf(TypeError)
    }
    for (const pool of [new mp.Pool(), new mp.Pool({}), new mp.Pool({ processes: undefined })]) {
      expect([pool.processes, pool.workers.length]).toEqual([mp.cpuCount(), mp.cpuCount()])
      await pool.terminate()
    }
  })

  suite.test('close: no more calls, those pending go on, join waits for them', async (tools) => {
    const { mp } = tools
    const pool = new mp.Pool(2)
    const [ran, came, gate] = [new mp.Array('uint8', 4), new mp.Value('int32', 0), new mp.Queue()]
    const pending = pool.map(
      passGate,
      [0, 1, 2, 3].map((n) => ({ n, ran, came, gate })),
      { chunksize: 1 },
    )
    await tools.until(() => came.value === 2, 'the start of the tasks')
    pool.close()
    pool.close()
    await expectClosed(pool, suite)
    const timedOut = await thrown(() => pool.join({ timeout: 5 }))
    expect(timedOut).toBeInstanceOf(TimeoutError)
    gate.shutdown()
    await inTime(pool.join(), tools.within(20_000), 'the join')
    expect(await pending).toEqual([0, 1, 2, 3])
    expect(pool.workers).toEqual([])
    await pool.join()
    await pool.terminate()
    await expectClosed(pool, suite)
  })

  suite.test('a closed pool that has nothing to do ends', async ({ mp, within }) => {
    for (const rounds of [0, 1]) {
      const pool = new mp.Pool(2)
      for (let n = 0; n < rounds; n++) await pool.map(square, [1, 2, 3])
      pool.close()
      await inTime(pool.join(), within(20_000), 'the join')
    }
  })

  suite.test('a worker that dies after close does not keep the rest from being done', async ({ mp, within }) => {
    const pool = new mp.Pool(1)
    const dying = thrown(() => pool.apply(() => process.exit(3)))
    const rest = pool.map(square, [1, 2, 3], { chunksize: 1 })
    pool.close()
    expect(await dying).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 3 })
    expect(await inTime(rest, within(20_000), 'the rest')).toEqual([1, 4, 9])
    await inTime(pool.join(), within(20_000), 'the join')
  })

  suite.test('join of an open pool is a StateError', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const error = await thrown(() => pool.join())
    expect(error).toBeInstanceOf(StateError)
    expect(error).toMatchObject({ code: 'MP_STATE' })
    expect(await pool.map(square, [3])).toEqual([9])
  })

  suite.test('join can be aborted', async (tools) => {
    const pool = new tools.mp.Pool(1)
    const started = new tools.mp.Value('int32', 0)
    const pending = thrown(() => pool.apply(block, [started]))
    pool.close()
    const control = tools.abortController()
    const joined = thrown(() => pool.join({ signal: control.signal }))
    control.abort('not today')
    expect(await joined).toBe('not today')
    await pool.terminate()
    expect(await pending).toBeInstanceOf(ClosedError)
  })

  for (const task of [block, spin, pend]) {
    suite.test(
      `terminate rejects everything pending and is done within 2 s, whatever workers do (${task.name})`,
      async (tools) => {
        const pool = new tools.mp.Pool(2)
        const started = new tools.mp.Value('int32', 0)
        const pending = [
          thrown(() => pool.map(task, [started, started, started], { chunksize: 1 })),
          thrown(() => pool.apply(square, [1])),
          thrown(() => pool.map(square, [1, 2, 3])),
        ]
        await tools.until(() => started.value === 2, 'the start of the tasks')
        await inTime(pool.terminate(), tools.within(2_000), 'the end of terminate()')
        for (const error of await Promise.all(pending)) {
          expect(error).toBeInstanceOf(ClosedError)
          expect(error).toMatchObject({ code: 'MP_CLOSED' })
        }
        expect(pool.workers).toEqual([])
        await pool.terminate()
        await pool.join()
        pool.close()
        await expectClosed(pool, suite)
      },
    )
  }

  suite.test('terminate while workers are only starting', async ({ mp, within }) => {
    for (let round = 0; round < 5; round++) {
      const pool = new mp.Pool(2)
      const pending = thrown(() => pool.apply(square, [1]))
      await inTime(pool.terminate(), within(2_000), 'the end of terminate()')
      expect(await pending).toBeInstanceOf(ClosedError)
    }
  })

  suite.test('terminate after close ends what is pending', async (tools) => {
    const pool = new tools.mp.Pool(1)
    const started = new tools.mp.Value('int32', 0)
    const pending = thrown(() => pool.apply(block, [started]))
    await tools.until(() => started.value === 1, 'the start of the task')
    pool.close()
    const joined = pool.join()
    await inTime(pool.terminate(), tools.within(2_000), 'the end of terminate()')
    await joined
    expect(await pending).toBeInstanceOf(ClosedError)
  })

  suite.test('the end of a scope terminates', async (tools) => {
    const started = new tools.mp.Value('int32', 0)
    let pending: Promise<unknown>
    let left: Pool
    {
      await using pool = new tools.mp.Pool(1)
      pending = thrown(() => pool.apply(spin, [started]))
      await tools.until(() => started.value === 1, 'the start of the task')
      left = pool
    }
    expect(await pending).toBeInstanceOf(ClosedError)
    expect(left.workers).toEqual([])
  })

  suite.test('a pool left open does not keep a program from ending', async ({ program }) => {
    expect(await program('open-pool')).toMatchObject({ code: 0, signal: null, stdout: '[1,4,9]\n', stderr: '' })
  })

  suite.test('what a pool is left with that nobody waits for does not keep a program from ending', async ({ program }) => {
    const ended = await program('abandoned-calls')
    expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'left at 0\nTimeoutError\n', stderr: '' })
  })

  suite.test('a pending call keeps a program from ending', async ({ program }) => {
    expect(await program('pending-call')).toMatchObject({ code: 0, signal: null, stdout: 'done\n', stderr: '' })
  })
}

async function expectClosed(pool: Pool, suite: Suite): Promise<void> {
  const calls = [
    () => pool.map(square, [1]),
    () => pool.map(square, []),
    () => pool.map(square, new Set([1])),
    () => pool.starmap(square, [[1]]),
    () => pool.apply(square, [1]),
  ]
  if (suite.capabilities.sync)
    calls.push(
      async () => pool.mapSync(square, [1]),
      async () => [pool.applySync(square, [1])],
    )
  for (const call of calls) {
    const error = await thrown(call)
    expect(error).toBeInstanceOf(ClosedError)
    expect(error).toMatchObject({ code: 'MP_CLOSED' })
  }
}
