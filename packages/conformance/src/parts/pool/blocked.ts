import { ClosedError, NotSupportedError, type Pool, StateError, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { turns } from '../../support/hang.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { block, die, failSome, passGate, square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const squares = (n: number) => numbers(n).map((i) => i * i)

async function* later(items: readonly number[]): AsyncGenerator<number> {
  for (const item of items) {
    await turns()
    yield item
  }
}

/** `joinSync`, `getSync` and `waitSync`: pools and their calls, waited for with no turn of this thread's event loop. */
export function blocked(suite: Suite): void {
  if (!suite.capabilities.sync) return suite.absent('sync')
  const needs = { poolSync: true } as const
  const dies = { ...needs, liveness: 'anytime' } as const

  suite.test(
    'joinSync after close: all that was called is done, and tells of it at once; callbacks come later',
    async ({ mp, within }) => {
      const pool = new mp.Pool(2)
      const heard: unknown[] = []
      const callback = (value: unknown) => heard.push(value)
      const results = [pool.applyAsync(square, [5], { callback }), pool.mapAsync(square, numbers(100), { callback })] as const
      const promise = pool.map(square, numbers(10))
      let turned = false
      setImmediate(() => {
        turned = true
      })
      pool.close()
      pool.joinSync({ timeout: within(20_000) })
      expect([turned, heard, pool.workers]).toEqual([false, [], []])
      expect(results.map((result) => [result.ready(), result.successful()])).toEqual([
        [true, true],
        [true, true],
      ])
      expect(results.map((result) => result.getSync())).toEqual([25, squares(100)])
      pool.joinSync()
      await pool.join()
      pool.joinSync({ timeout: 0 })
      expect(await promise).toEqual(squares(10))
      expect([await results[0], await results[1].get()]).toEqual([25, squares(100)])
      await turns()
      expect(heard).toEqual([25, squares(100)])
    },
    needs,
  )

  suite.test(
    'joinSync after terminate: what was pending is a ClosedError',
    async ({ mp, within, until }) => {
      const pool = new mp.Pool(2)
      const started = new mp.Value('int32', 0)
      const results = [1, 2, 3].map(() => pool.applyAsync(block, [started]))
      await until(() => started.value === 2, 'the start of the tasks')
      const terminated = pool.terminate()
      pool.joinSync({ timeout: within(20_000) })
      expect(pool.workers).toEqual([])
      for (const result of results) {
        expect([result.ready(), result.successful(), result.waitSync()]).toEqual([true, false, true])
        expect(thrownAtOnce(() => result.getSync())).toBeInstanceOf(ClosedError)
        expect(await thrown(() => result)).toBeInstanceOf(ClosedError)
      }
      await terminated
    },
    dies,
  )

  suite.test(
    'out of time: joinSync, getSync and waitSync leave all as it is',
    async ({ mp, within }) => {
      const pool = new mp.Pool(1)
      const [ran, came, gate] = [new mp.Array('uint8', 1), new mp.Value('int32', 0), new mp.Queue()]
      const result = pool.applyAsync(passGate, [{ n: 0, ran, came, gate }])
      const all = pool.mapAsync(square, numbers(5))
      for (const timeout of [0, 20]) {
        expect(result.waitSync({ timeout })).toBe(false)
        expect(thrownAtOnce(() => result.getSync({ timeout }))).toBeInstanceOf(TimeoutError)
      }
      expect([result.ready(), all.ready()]).toEqual([false, false])
      pool.close()
      for (const timeout of [0, 20]) expect(thrownAtOnce(() => pool.joinSync({ timeout }))).toBeInstanceOf(TimeoutError)
      gate.shutdown()
      expect([result.waitSync({ timeout: within(10_000) }), result.getSync(), all.getSync()]).toEqual([true, 0, squares(5)])
      pool.joinSync({ timeout: within(10_000) })
      await pool.join()
    },
    needs,
  )

  suite.test(
    'getSync: the result, or what was thrown, the same that all others get',
    async ({ mp, within }) => {
      await using pool = new mp.Pool(2)
      const limit = { timeout: within(10_000) }
      const sum = (...args: number[]) => args.reduce((a, b) => a + b, 0)
      let turned = false
      setImmediate(() => {
        turned = true
      })
      const heard: unknown[] = []
      const callbacks = {
        callback: (value: unknown) => heard.push(value),
        errorCallback: (error: unknown) => heard.push(String(error)),
      }
      expect(pool.applyAsync(square, [7], callbacks).getSync(limit)).toBe(49)
      expect(pool.starmapAsync(sum, [[1, 2], [3]], callbacks).getSync(limit)).toEqual([3, 3])
      expect(pool.mapAsync(square, []).getSync(limit)).toEqual([])
      const ran = new mp.Array('uint8', 20)
      const items = numbers(20).map((n) => ({ n, ran }))
      const [failed, settled] = [pool.mapAsync(failSome, items, callbacks), pool.mapAsync(failSome, items, { settled: true })]
      const error = thrownAtOnce(() => failed.getSync(limit)) as Error
      expect(error).toMatchObject({ name: 'RangeError', message: 'item 3' })
      const stack = error.stack
      expect([failed.ready(), failed.successful()]).toEqual([true, false])
      const outcomes = settled.getSync(limit)
      expect(outcomes[3]).toMatchObject({ status: 'rejected', reason: { message: 'item 3' } })
      expect([turned, heard]).toEqual([false, []])
      expect(await thrown(() => failed)).toBe(error)
      expect(await thrown(() => failed.get())).toBe(error)
      expect(thrownAtOnce(() => failed.getSync())).toBe(error)
      expect(error.stack).toBe(stack)
      expect(await settled).toEqual(outcomes)
      await turns()
      expect(heard).toEqual([49, [3, 3], 'RangeError: item 3'])
    },
    needs,
  )

  suite.test(
    'a worker that dies, and workers that are replaced, while this thread is blocked',
    async ({ mp, within }) => {
      const pool = new mp.Pool({ processes: 2, maxTasksPerChild: 1 })
      const limit = { timeout: within(20_000) }
      const [fatal, fine] = [pool.applyAsync(die, ['exit', 5]), pool.mapAsync(square, numbers(6), { chunksize: 1 })]
      expect(thrownAtOnce(() => fatal.getSync(limit))).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 5 })
      pool.close()
      pool.joinSync(limit)
      expect(fine.getSync()).toEqual(squares(6))
      await pool.join()
    },
    dies,
  )

  suite.test(
    'a pool whose workers cannot start comes to its end',
    async ({ mp, within }) => {
      const initializer = () => {
        throw new RangeError('not today')
      }
      const pool = new mp.Pool({ processes: 1, initializer })
      const result = pool.applyAsync(square, [3])
      expect(thrownAtOnce(() => result.getSync({ timeout: within(20_000) }))).toMatchObject({ message: 'not today' })
      const next = pool.applyAsync(square, [3])
      expect(thrownAtOnce(() => next.getSync({ timeout: within(20_000) }))).toMatchObject({ message: 'not today' })
      pool.close()
      pool.joinSync({ timeout: within(20_000) })
      await pool.join()
    },
    dies,
  )

  suite.test(
    'the timeouts of calls end them while this thread is blocked for them, or for others',
    async ({ mp, within }) => {
      const pool = new mp.Pool(1)
      const started = new mp.Value('int32', 0)
      const limit = { timeout: within(20_000) }
      const own = pool.applyAsync(block, [started], { timeout: 50 })
      expect(thrownAtOnce(() => own.getSync(limit))).toBeInstanceOf(TimeoutError)
      expect([own.ready(), own.successful()]).toEqual([true, false])
      const before = pool.applyAsync(block, [started], { timeout: 50 })
      expect(pool.applySync(square, [3], limit)).toBe(9)
      const last = pool.mapAsync(block, [started], { timeout: 50 })
      pool.close()
      pool.joinSync(limit)
      for (const late of [before, last]) expect(await thrown(() => late)).toBeInstanceOf(TimeoutError)
      await pool.join()
    },
    dies,
  )

  suite.test(
    'what this thread is to bring itself is a StateError, not a wait for ever',
    async (tools) => {
      const { mp } = tools
      const cases: ((pool: Pool) => unknown)[] = [
        (pool) => pool.mapAsync(square, later([1, 2])),
        (pool) => pool.mapAsync(square, new Set([1, 2])),
        (pool) => pool.imap(square, [1, 2]),
        (pool) => pool.imap(square, later([1, 2])).next(),
      ]
      for (const call of cases) {
        const pool = new mp.Pool(1)
        const result = call(pool)
        pool.close()
        expect(thrownAtOnce(() => pool.joinSync())).toBeInstanceOf(StateError)
        if (result instanceof Object && 'getSync' in result) {
          const pending = result as { getSync(): number[]; waitSync(): boolean; get(): Promise<number[]> }
          expect(thrownAtOnce(() => pending.getSync())).toBeInstanceOf(StateError)
          expect(thrownAtOnce(() => pending.waitSync())).toBeInstanceOf(StateError)
          expect(await pending.get()).toEqual([1, 4])
          expect([pending.waitSync(), pending.getSync()]).toEqual([true, [1, 4]])
        } else await result
        await pool.join()
        pool.joinSync()
      }
    },
    needs,
  )

  suite.test('an input that throws, and a signal raised before: getSync throws that', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    const trouble = new RangeError('in the input')
    const fails = function* () {
      yield 1
      throw trouble
    }
    const result = pool.mapAsync(square, fails())
    expect(await thrown(() => result)).toBe(trouble)
    expect(thrownAtOnce(() => result.getSync())).toBe(trouble)
    const control = tools.abortController()
    control.abort('enough')
    for (const refused of [
      pool.applyAsync(square, [1], { signal: control.signal }),
      pool.mapAsync(square, [1], { signal: control.signal }),
    ]) {
      expect([refused.ready(), refused.successful(), refused.waitSync()]).toEqual([true, false, true])
      expect(thrownAtOnce(() => refused.getSync())).toBe('enough')
      expect(await thrown(() => refused)).toBe('enough')
    }
  })

  suite.test(
    'where workers need this event loop, what is pending is a NotSupportedError; what is over is there',
    async ({ mp }) => {
      const pool = new mp.Pool(1)
      const result = pool.applyAsync(square, [3])
      expect(thrownAtOnce(() => result.getSync())).toBeInstanceOf(NotSupportedError)
      expect(thrownAtOnce(() => result.waitSync({ timeout: 0 }))).toBeInstanceOf(NotSupportedError)
      pool.close()
      const error = thrownAtOnce(() => pool.joinSync())
      expect(error).toBeInstanceOf(NotSupportedError)
      expect(error).toMatchObject({ code: 'MP_NOT_SUPPORTED' })
      expect(await result).toBe(9)
      expect([result.waitSync({ timeout: 0 }), result.getSync()]).toEqual([true, 9])
      await pool.join()
      pool.joinSync()
    },
    { poolSync: false },
  )

  suite.test('the wrong moment and bad options', async ({ mp }) => {
    const pool = new mp.Pool(1)
    const error = thrownAtOnce(() => pool.joinSync())
    expect(error).toBeInstanceOf(StateError)
    expect(error).toMatchObject({ code: 'MP_STATE' })
    const result = pool.applyAsync(square, [3])
    expect(await result).toBe(9)
    pool.close()
    const bad = [5, null, { timeout: 'x' }, { timeout: null }, { signal: new AbortController().signal }] as never[]
    for (const options of bad) {
      expect(thrownAtOnce(() => pool.joinSync(options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => result.getSync(options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => result.waitSync(options))).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => pool.joinSync({ timeout: -1 }))).toBeInstanceOf(RangeError)
    await pool.join()
    pool.joinSync()
  })
}
