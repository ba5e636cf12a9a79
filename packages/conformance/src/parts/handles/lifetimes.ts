import { type Context, type Guard, type Lock, type Queue, type SharedArray, TooLargeError, type Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite, Tools } from '../../suite.js'
import { collectGarbage, stir, untilFreed } from '../../support/garbage.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { echo, hold, makeValue, sendOrphan } from '../../workers/sharing.js'

/** What nobody refers to is freed, and nothing else. */
export function lifetimes(suite: Suite): void {
  suite.test('what 10^6 dropped Values and Locks used becomes usable again', (tools) =>
    staysBounded(tools, 10, 100_000, (mp, n) => (n % 2 === 0 ? new mp.Value('int32', n) : new mp.Lock())),
  )

  suite.test('what 10^4 dropped Queues used becomes usable again', (tools) =>
    staysBounded(tools, 5, 2_000, (mp) => new mp.Queue()),
  )

  suite.test('what dropped Queues full of items and objects used becomes usable again', (tools) =>
    staysBounded(tools, 3, 100, (mp, n) => {
      const queue = new mp.Queue<unknown>()
      for (let k = 0; k < 20; k++) queue.putSync({ n, text: 'x'.repeat(200 * k), value: new mp.Value('int32', n) })
      return queue
    }),
  )

  suite.test('what dropped Arrays used becomes usable again', (tools) =>
    staysBounded(tools, 10, 4, (mp) => new mp.Array('float64', 2 ** 20)),
  )

  suite.test('a context that is closed and forgotten keeps nothing of another one', async (tools) => {
    const { mp, create } = tools
    for (let round = 0; round < 5; round++) {
      const kept: { context: Context | undefined; values: Value[] } = { context: create(), values: [] }
      for (let n = 0; n < 200; n++) kept.values.push(new (kept.context as Context).Value('int32', n))
      await kept.context?.close()
      await new Promise((resolve) => setImmediate(resolve))
      // Its objects become garbage, and then it itself does, before anybody could be told of them.
      kept.values.length = 0
      collectGarbage()
      kept.context = undefined
      collectGarbage()
      collectGarbage()
    }
    for (let n = 0; n < 200; n++) new mp.Value('int32', n)
    await untilFreed(tools)
  })

  suite.test('what travelled and came back is freed when nobody has it any more', async (tools) => {
    const { mp } = tools
    const run = async () => {
      const [there, back] = [new mp.Queue(), new mp.Queue()]
      const other = new mp.Process({ target: echo, args: [there, back, 10] }).start()
      for (let n = 0; n < 10; n++) {
        const values = Array.from({ length: 200 }, (_, k) => new mp.Value('int32', k))
        await there.put({ values, lock: values[0]?.lock, queue: new mp.Queue(), array: new mp.Array('int8', 1000) })
        await back.get()
      }
      expect(await other.join()).toBe(0)
    }
    await run()
    await untilFreed(tools)
  })

  suite.test('what a terminated process held, made or had been given, is freed', async (tools) => {
    const { mp } = tools
    const run = async (end: 'terminate' | 'kill') => {
      const things = [new mp.Value('int32'), new mp.Queue(), new mp.Array('int32', 1_000), new mp.Lock()]
      const [arrived, never] = [new mp.Queue(), new mp.Queue()]
      const one = new mp.Process({ target: hold, args: [mp.backend.name, things, arrived, never] }).start()
      await arrived.get()
      one[end]()
      await one.join()
    }
    await run('terminate')
    await run('kill')
    await untilFreed(tools)
  })

  suite.test('what a process had only begun to receive is freed when it is terminated', async (tools) => {
    const { mp } = tools
    const run = async () => {
      const queue = new mp.Queue<object>()
      const one = new mp.Process({ target: hold, args: [mp.backend.name, queue, queue, queue] }).start()
      for (let n = 0; n < 50; n++) queue.putSync({ value: new mp.Value('int32', n), queue })
      one.terminate()
      await one.join()
    }
    for (let round = 0; round < 3; round++) await run()
    await untilFreed(tools)
  })

  suite.test('queues that contain each other, or themselves, are freed', async (tools) => {
    const { mp } = tools
    const tie = () => {
      for (let n = 0; n < 50; n++) {
        const ring = Array.from({ length: 3 }, () => new mp.Queue<unknown>())
        for (const [k, queue] of ring.entries()) queue.putSync([ring[(k + 1) % 3], queue, new mp.Value('int32', n)])
      }
    }
    tie()
    await untilFreed(tools)
  })

  suite.test('what only a queue or a pipe holds that has never left this process stays until it is got', async ({ mp }) => {
    type Item = [Value, Queue<number>]
    const [queue, joinable, simple] = [new mp.Queue<Item>(), new mp.JoinableQueue<Item>(), new mp.SimpleQueue<Item>()]
    const [one, other] = mp.Pipe<Item>()
    const put = () => {
      const inner = new mp.Queue<number>()
      inner.putSync(7)
      const item = () => [new mp.Value('int32', 42), inner] as Item
      for (const one of [queue, joinable, simple]) one.putSync(item())
      one.sendSync(item())
    }
    put()
    await stir(mp)
    const use = () => {
      const items = [...[queue, joinable, simple].map((one) => one.getSync()), other.recvSync()]
      expect(items.map(([value]) => value.value)).toEqual([42, 42, 42, 42])
      expect([items[3]?.[1].getSync(), items[0]?.[1].empty]).toEqual([7, true])
    }
    use()
  })

  suite.test('what only a queue holds, of a producer that is gone, stays until it is got', async (tools) => {
    const { mp } = tools
    const queue = new mp.Queue<unknown>()
    expect(await new mp.Process({ target: sendOrphan, args: [mp.backend.name, queue] }).start().join()).toBe(0)
    await stir(mp)
    const use = () => {
      const { value, inner, array } = queue.getSync() as { value: Value; inner: Queue<Value>; array: SharedArray<'int32'> }
      expect([value.value, [...array], inner.getSync().value]).toEqual([42, [2, 3], 42])
      expect(value.lock?.tryAcquire()).toBeDefined()
    }
    use()
    expect(queue.empty).toBe(true)
  })

  suite.test('what workers of a Pool made outlives them, and no longer than it is used', async (tools) => {
    const { mp } = tools
    const run = async () => {
      const pool = new mp.Pool(2)
      const made = await pool.starmap(
        makeValue,
        Array.from({ length: 100 }, (_, n) => [mp.backend.name, n] as [string, number]),
      )
      await pool.terminate()
      await stir(mp)
      expect(made.map(({ value, array }) => value.value - (array[0] as number))).toEqual(Array(100).fill(0))
    }
    await run()
    await untilFreed(tools)
  })

  suite.test('a part keeps the whole alive: a subarray, a lock of a Value, a guard', async ({ mp }) => {
    const part = (() => new mp.Array('int32', [1, 2, 3]).subarray(1))()
    const lock = (() => new mp.Value('int32', 5).lock as Lock)()
    const guard: Guard = (() => new mp.Lock().acquireSync())()
    const given = (() => new mp.Value('int32', 5, { lock: new mp.Lock() }))()
    lock.acquireSync()
    await stir(mp)
    expect([[...part], lock.locked, given.lock?.locked]).toEqual([[2, 3], true, false])
    lock.release()
    guard.release()
    given.runExclusiveSync(() => given.value++)
    expect(given.value).toBe(6)
  })

  suite.test('closing the context frees everything', async ({ mp }) => {
    const kept = [new mp.Value('int32'), new mp.Queue(), new mp.Lock(), new mp.Array('int8', 100)]
    await mp.close()
    expect(mp.usage()).toEqual({ blocks: 0, bytes: 0, agents: 0, waits: 0 })
    expect(kept.length).toBe(4)
  })

  suite.test('an Array that no machine has room for is refused at once', ({ mp }) => {
    for (const length of [2 ** 33, 2 ** 50, Number.MAX_SAFE_INTEGER]) {
      const error = thrownAtOnce(() => new mp.Array('float64', length))
      expect(error, String(error)).toBeInstanceOf(TooLargeError)
    }
    new mp.Array('float64', 1000).fill(1)
  })
}

/** Makes and drops objects, in rounds: no round may need memory that an earlier one had. */
async function staysBounded(tools: Tools, rounds: number, each: number, make: (mp: Context, n: number) => object): Promise<void> {
  const { mp } = tools
  const round = () => {
    for (let n = 0; n < each; n++) make(mp, n)
    return mp.usage().bytes
  }
  const first = round()
  expect(first).toBeGreaterThan(0)
  for (let n = 1; n < rounds; n++) {
    await untilFreed(tools)
    // Some of it may be collected on the way.
    expect(round(), `round ${n}`).toBeLessThanOrEqual(first * 1.01)
  }
  await untilFreed(tools)
}
