import { type Pool, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { block, passGate, pend, spin, square } from '../../workers/pool-tasks.js'

/** Signals and timeouts: what is queued is dropped, what runs ends with its worker, other calls do not notice. */
export function cancelling(suite: Suite): void {
  for (const task of [block, spin, pend]) {
    suite.test(`an aborted call rejects with the reason, and its worker is replaced (${task.name})`, async (tools) => {
      await using pool = new tools.mp.Pool(1)
      const started = new tools.mp.Value('int32', 0)
      const [before] = pidsOf(pool)
      const control = tools.abortController()
      const call = thrown(() => pool.apply(task, [started], { signal: control.signal }))
      await tools.until(() => started.value === 1, 'the start of the task')
      const reason = { because: 'enough' }
      control.abort(reason)
      expect(await call).toBe(reason)
      expect(await pool.apply(square, [3])).toBe(9)
      await tools.until(() => pidsOf(pool).length === 1 && pidsOf(pool)[0] !== before, 'the replacement of the worker')
    })
  }

  suite.test('a call that ran out of time rejects with TimeoutError, and its worker is replaced', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    const started = new tools.mp.Value('int32', 0)
    const [before] = pidsOf(pool)
    for (const call of [
      () => pool.apply(block, [started], { timeout: 1 }),
      () => pool.map(block, [started, started], { timeout: 20 }),
      () => pool.starmap(block, [[started]], { timeout: 0 }),
    ]) {
      const error = await thrown(call)
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error).toMatchObject({ code: 'MP_TIMEOUT' })
    }
    expect(await pool.apply(square, [3], { timeout: tools.within(20_000) })).toBe(9)
    if (started.value > 0) expect(pidsOf(pool)[0]).not.toBe(before)
  })

  suite.test('queued work of an aborted call never runs', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(1)
    const [ran, came, gate] = [new mp.Array('uint8', 50), new mp.Value('int32', 0), new mp.Queue()]
    const holder = pool.apply(passGate, [{ n: 0, ran, came, gate }])
    await tools.until(() => came.value === 1, 'the start of the first task')
    const control = tools.abortController()
    const items = Array.from({ length: 49 }, (_, n) => ({ n: n + 1, ran, came, gate }))
    const aborted = thrown(() => pool.map(passGate, items, { chunksize: 1, signal: control.signal }))
    const behind = pool.apply(square, [4])
    const workers = pidsOf(pool)
    control.abort('dropped')
    expect(await aborted).toBe('dropped')
    gate.shutdown()
    expect([await holder, await behind]).toEqual([0, 16])
    expect([...ran]).toEqual([1, ...items.map(() => 0)])
    expect(came.value, 'how many began').toBe(1)
    // It had nothing in hand that was aborted.
    expect(pidsOf(pool)).toEqual(workers)
  })

  suite.test('other calls are not affected, those on the neighbour worker neither', async (tools) => {
    const { mp } = tools
    await using pool = new mp.Pool(2)
    const [ran, came, gate] = [new mp.Array('uint8', 10), new mp.Value('int32', 0), new mp.Queue()]
    const neighbour = pool.apply(passGate, [{ n: 0, ran, came, gate }])
    await tools.until(() => came.value === 1, 'the start of the neighbour')
    const started = new mp.Value('int32', 0)
    const control = tools.abortController()
    const aborted = thrown(() => pool.map(block, [started, started, started], { chunksize: 1, signal: control.signal }))
    const others = Array.from({ length: 40 }, (_, n) => pool.apply(square, [n]))
    const mapped = pool.map(square, [1, 2, 3])
    await tools.until(() => started.value === 1, 'the start of the task')
    control.abort('only this')
    expect(await aborted).toBe('only this')
    expect(await Promise.all(others)).toEqual(others.map((_, n) => n * n))
    expect(await mapped).toEqual([1, 4, 9])
    expect(ran[0]).toBe(0)
    gate.shutdown()
    expect(await neighbour).toBe(0)
    expect(started.value, 'blocked tasks that began').toBe(1)
  })

  suite.test('calls aborted one after the other, with others in between', async (tools) => {
    await using pool = new tools.mp.Pool(2)
    for (let round = 0; round < 4; round++) {
      const started = new tools.mp.Value('int32', 0)
      const control = tools.abortController()
      const aborted = thrown(() =>
        pool.map(block, [started, started, started, started], { chunksize: 1, signal: control.signal }),
      )
      const other = pool.map(square, [1, 2, 3, 4, 5], { chunksize: 1 })
      if (round % 2) await tools.until(() => started.value === 2, 'the start of the tasks')
      control.abort(round)
      expect(await aborted).toBe(round)
      expect(await other).toEqual([1, 4, 9, 16, 25])
    }
    await tools.until(() => pidsOf(pool).length === 2, 'the replacement of the workers')
  })

  suite.test('a signal that is aborted already rejects before anything is taken', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const ran = new mp.Value('int32', 0)
    const mark = (value: typeof ran) => value.add(1)
    const workers = pidsOf(pool)
    const signal = AbortSignal.abort('before')
    expect(await thrown(() => pool.map(mark, [ran], { signal }))).toBe('before')
    expect(await thrown(() => pool.starmap(mark, [[ran]], { signal }))).toBe('before')
    expect(await thrown(() => pool.apply(mark, [ran], { signal }))).toBe('before')
    expect(await thrown(() => pool.map(mark, new Set([ran]), { signal }))).toBe('before')
    expect(await pool.apply(square, [3])).toBe(9)
    expect([ran.value, pidsOf(pool)]).toEqual([0, workers])
  })

  suite.test('a signal that is raised after the end changes nothing', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    const workers = pidsOf(pool)
    const control = tools.abortController()
    expect(await pool.map(square, [1, 2], { signal: control.signal })).toEqual([1, 4])
    control.abort()
    expect(await pool.map(square, [3])).toEqual([9])
    expect(pidsOf(pool)).toEqual(workers)
  })

  suite.test('many calls share one signal', async (tools) => {
    await using pool = new tools.mp.Pool(1)
    const started = new tools.mp.Value('int32', 0)
    const control = tools.abortController()
    const calls = Array.from({ length: 200 }, () => thrown(() => pool.apply(block, [started], { signal: control.signal })))
    await tools.until(() => started.value === 1, 'the start of the first task')
    control.abort('all of you')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['all of you']))
    expect(await pool.apply(square, [3])).toBe(9)
    expect(started.value).toBe(1)
  })

  if (suite.capabilities.sync) {
    suite.test('sync calls run out of time, too', async ({ mp, within }) => {
      await using pool = new mp.Pool(1)
      const started = new mp.Value('int32', 0)
      expect(thrownAtOnce(() => pool.applySync(block, [started], { timeout: 5 }))).toBeInstanceOf(TimeoutError)
      expect(thrownAtOnce(() => pool.mapSync(spin, [started], { timeout: 5 }))).toBeInstanceOf(TimeoutError)
      expect(await pool.apply(square, [3], { timeout: within(20_000) })).toBe(9)
    })
  }
}

function pidsOf(pool: Pool): (number | null)[] {
  return pool.workers.map(({ pid }) => pid)
}
