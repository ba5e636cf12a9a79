import { type AsyncResult, ClosedError, StateError, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { turns } from '../../support/hang.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { withUncaught } from '../../support/uncaught.js'
import { block, die, failSome, passGate, pend, square } from '../../workers/pool-tasks.js'

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)

/** Calls that are not waited for. */
export function asyncResults(suite: Suite): void {
  suite.test('applyAsync, mapAsync, starmapAsync: the results, awaited or got', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const add = (...args: number[]) => args.reduce((a, b) => a + b, 0)
    expect(await pool.applyAsync(square, [5])).toBe(25)
    expect(await pool.applyAsync(square, [5]).get()).toBe(25)
    expect(await pool.applyAsync(add)).toBe(0)
    expect(await pool.mapAsync(square, numbers(10))).toEqual(numbers(10).map((n) => n * n))
    expect(await pool.mapAsync(square, new Set([2]), { chunksize: 1 }).get()).toEqual([4])
    expect(await pool.starmapAsync(add, [[1, 2], [3]])).toEqual([3, 3])
    expect(await pool.mapAsync(square, [2], { settled: true })).toEqual([{ status: 'fulfilled', value: 4 }])
    const again = pool.applyAsync(square, [6])
    expect([await again, await again.get(), await again.get({ timeout: 0 }), await again]).toEqual([36, 36, 36, 36])
  })

  suite.test('ready, successful, wait and get tell how it stands', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(1)
    const [ran, came, gate] = [new mp.Array('uint8', 1), new mp.Value('int32', 0), new mp.Queue()]
    const result = pool.applyAsync(passGate, [{ n: 0, ran, came, gate }])
    expect(result.ready()).toBe(false)
    expect(thrownAtOnce(() => result.successful())).toBeInstanceOf(StateError)
    expect(await result.wait({ timeout: 5 })).toBe(false)
    const late = await thrown(() => result.get({ timeout: 0 }))
    expect(late).toBeInstanceOf(TimeoutError)
    expect(late).toMatchObject({ code: 'MP_TIMEOUT', name: 'TimeoutError' })
    const control = tools.abortController()
    const aborted = [thrown(() => result.get({ signal: control.signal })), thrown(() => result.wait({ signal: control.signal }))]
    control.abort('enough')
    expect(await Promise.all(aborted)).toEqual(['enough', 'enough'])
    expect(await thrown(() => result.wait({ signal: control.signal }))).toBe('enough')
    expect(result.ready()).toBe(false)
    gate.shutdown()
    expect(await result.wait()).toBe(true)
    expect([result.ready(), result.successful(), await result.get()]).toEqual([true, true, 0])
    expect(ran[0]).toBe(1)
    for (const options of [5, null, { timeout: 'x' }, { signal: 1 }] as never[]) {
      expect(thrownAtOnce(() => result.get(options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => result.wait(options))).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => result.get({ timeout: -1 }))).toBeInstanceOf(RangeError)
  })

  suite.test('a failure: get and await reject, wait does not', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const ran = new mp.Array('uint8', 20)
    const result = pool.mapAsync(
      failSome,
      numbers(20).map((n) => ({ n, ran })),
    )
    expect(await result.wait()).toBe(true)
    expect([result.ready(), result.successful()]).toEqual([true, false])
    const errors = [await thrown(() => result), await thrown(() => result.get()), await thrown(() => result.get({ timeout: 0 }))]
    for (const error of errors) expect(error).toMatchObject({ name: 'RangeError', message: 'item 3' })
    expect(await thrown(() => pool.applyAsync(die, ['exit', 5]))).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 5 })
  })

  suite.test('callbacks: one of the two, once, with the result or the error', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const heard: unknown[] = []
    const callbacks = {
      callback: (value: unknown) => heard.push(['value', value]),
      errorCallback: (error: unknown) => heard.push(['error', String(error)]),
    }
    await pool.applyAsync(square, [3], callbacks)
    await pool.mapAsync(square, [1, 2, 3], callbacks).wait()
    await pool.starmapAsync(square, [[4]], callbacks).wait()
    const fail = (text: string) => {
      throw new RangeError(text)
    }
    await pool.applyAsync(fail, ['one'], callbacks).wait()
    await pool.mapAsync(fail, ['two', 'three'], callbacks).wait()
    await pool.applyAsync(square, [3], { callback: undefined }).get()
    await turns()
    expect(heard).toEqual([
      ['value', 9],
      ['value', [1, 4, 9]],
      ['value', [16]],
      ['error', 'RangeError: one'],
      ['error', 'RangeError: two'],
    ])
  })

  suite.test('many callbacks, each once', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const heard: number[] = []
    const results = numbers(500).map((n) => pool.applyAsync(square, [n], { callback: (value) => heard.push(value) }))
    expect(await Promise.all(results)).toEqual(numbers(500).map((n) => n * n))
    expect(heard.sort((a, b) => a - b)).toEqual(numbers(500).map((n) => n * n))
  })

  suite.test('what a callback throws is an uncaught exception, and the pool goes on', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    await withUncaught(async (uncaught) => {
      const trouble = new Error('in the callback')
      const callback = () => {
        throw trouble
      }
      const fine = pool.applyAsync(square, [3], { callback })
      const fail = () => {
        throw new RangeError('in the task')
      }
      const failed = pool.applyAsync(fail, [], { errorCallback: callback })
      expect(await fine).toBe(9)
      expect(await thrown(() => failed)).toMatchObject({ message: 'in the task' })
      await tools.until(() => uncaught.length === 2, 'the uncaught exceptions')
      expect(uncaught).toEqual([trouble, trouble])
    })
    expect(await pool.map(square, [3])).toEqual([9])
  })

  suite.test('an error that nobody asks for is silent', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    try {
      const fail = () => {
        throw new RangeError('nobody asks')
      }
      let heard = 0
      const results = [
        pool.applyAsync(fail),
        pool.mapAsync(fail, [1]),
        pool.applyAsync(fail, [], { errorCallback: () => heard++ }),
      ]
      await tools.until(() => results.every((result) => result.ready()), 'the end of the calls')
      await turns()
      expect([heard, unhandled]).toEqual([1, []])
    } finally {
      process.off('unhandledRejection', listen)
    }
  })

  suite.test('timeout and signal of the call itself end it', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    const started = new tools.mp.Value('int32', 0)
    const heard: unknown[] = []
    const errorCallback = (error: unknown) => heard.push(error)
    expect(await thrown(() => pool.applyAsync(block, [started], { timeout: 5, errorCallback }))).toBeInstanceOf(TimeoutError)
    const control = tools.abortController()
    const result = pool.mapAsync(block, [started], { signal: control.signal, errorCallback })
    control.abort('enough')
    expect(await thrown(() => result)).toBe('enough')
    const before = pool.applyAsync(block, [started], { signal: control.signal, errorCallback })
    expect(await thrown(() => before)).toBe('enough')
    expect(heard).toEqual([expect.any(TimeoutError), 'enough', 'enough'])
    expect(await pool.apply(square, [3])).toBe(9)
  })

  suite.test('close lets them go on, terminate ends them', async (tools) => {
    const pool = new tools.mp.Pool(1)
    const started = new tools.mp.Value('int32', 0)
    const result = pool.applyAsync(square, [3])
    const stuck = pool.applyAsync(pend, [started])
    pool.close()
    for (const call of [
      () => pool.applyAsync(square, [1]),
      () => pool.mapAsync(square, [1]),
      () => pool.starmapAsync(square, [[1]]),
    ])
      expect(await thrown(call)).toBeInstanceOf(ClosedError)
    expect(await result).toBe(9)
    await pool.terminate()
    expect(await stuck.wait()).toBe(true)
    expect(await thrown(() => stuck)).toBeInstanceOf(ClosedError)
  })

  suite.test('bad arguments throw at the call', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const bad = [5, null, { callback: 1 }, { errorCallback: 'x' }, { timeout: 'x' }, { signal: 1 }] as unknown as object[]
    for (const options of bad) {
      expect(thrownAtOnce(() => pool.applyAsync(square, [1], options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => pool.mapAsync(square, [1], options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => pool.starmapAsync(square, [[1]], options))).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => pool.applyAsync(square, 1 as never))).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => pool.mapAsync(square, 1 as never))).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => pool.mapAsync(square, [1], { chunksize: 0 }))).toBeInstanceOf(RangeError)
    expect(thrownAtOnce(() => pool.applyAsync((x: unknown) => x, [() => 1]))).toMatchObject({ path: 'args[0]' })
    expect(thrownAtOnce(() => pool.mapAsync((x: unknown) => x, [() => 1]))).toMatchObject({ path: 'items[0]' })
    const results: AsyncResult<number>[] = [pool.applyAsync(square, [3])]
    expect(await results[0]).toBe(9)
  })
}
