import { createContext, fromPiscina } from '@multiproc/backend-piscina'
import { QueueFullError, StateError } from '@multiproc/core'
import { ArrayTaskQueue } from 'piscina'
import { describe, expect, test } from 'vitest'
import { engines, OwnTask, outcome, until } from './support/application.js'

const double = (n: number) => n * 2
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const doubles = (n: number) => numbers(n).map(double)

for (const [name, { backend, make }] of Object.entries(engines)) {
  describe(`a bounded queue: ${name}`, () => {
    test('where it is full, calls are refused with QueueFullError, and none is lost', async () => {
      await using mp = createContext(backend({ maxQueue: 2 }))
      await using pool = new mp.Pool(1)
      await pool.apply(double, [1])
      const gate = new mp.Queue()
      const pass = async (n: number, queue: typeof gate) => {
        for await (const _ of queue);
        return n
      }
      const calls = numbers(10).map((n) => pool.apply(pass, [n, gate]))
      const ends = Promise.allSettled(calls)
      const refused = await Promise.any(
        calls.map((call) =>
          call.then(
            () => Promise.reject(),
            (error: unknown) => error,
          ),
        ),
      )
      expect(refused).toBeInstanceOf(QueueFullError)
      gate.shutdown()
      const kinds = (await ends).map((end, n) =>
        end.status === 'fulfilled' ? end.value === n : (end.reason as QueueFullError).code,
      )
      expect(kinds).toEqual([true, true, true, ...numbers(7).map(() => 'MP_QUEUE_FULL')])
    })

    test('a map takes as much of it as there is, and waits for the rest', async () => {
      for (const maxQueue of [0, 1, 2, 'auto']) {
        await using mp = createContext(backend({ maxQueue }))
        for (const workers of [1, 2]) {
          await using pool = new mp.Pool(workers)
          for (let round = 0; round < 5; round++) {
            expect(await pool.map(double, numbers(200), { chunksize: 1 }), `maxQueue ${maxQueue}`).toEqual(doubles(200))
          }
        }
      }
    })

    test('a map that was cut short leaves room to those behind it', async () => {
      await using mp = createContext(backend({ maxQueue: 2 }))
      await using pool = new mp.Pool(1)
      await pool.apply(double, [1])
      const [gate, control] = [new mp.Queue(), new AbortController()]
      const pass = async (n: number, queue: typeof gate) => {
        for await (const _ of queue);
        return n
      }
      const items = numbers(20).map((n) => [n, gate] as [number, typeof gate])
      const cut = outcome(pool.starmap(pass, items, { chunksize: 1, signal: control.signal }))
      await until(() => pool.stats.running === 1)
      const behind = pool.map(double, numbers(20), { chunksize: 1 })
      control.abort('enough')
      expect(await cut).toBe('enough')
      expect(await behind).toEqual(doubles(20))
      expect(await pool.map(double, numbers(20), { chunksize: 1 })).toEqual(doubles(20))
      const { queued, running } = pool.stats
      expect([queued, running]).toEqual([0, 0])
    })

    test("a map waits for room also where the application's tasks fill it; a call is refused", async () => {
      const existing = make({ minThreads: 1, maxThreads: 1, maxQueue: 1 })
      const pool = fromPiscina(existing)
      expect(await pool.apply(double, [1])).toBe(2)
      const own = new OwnTask(existing)
      await own.begun()
      const queued = new OwnTask(existing)
      const map = pool.map(double, numbers(5), { chunksize: 1 })
      expect(await outcome(pool.apply(double, [1]))).toBeInstanceOf(QueueFullError)
      own.goOn()
      queued.goOn()
      expect(await map).toEqual(doubles(5))
      expect(await Promise.all([own.result, queued.result])).toEqual(['application', 'application'])
      await pool.terminate()
      await existing.destroy()
    })

    test('a call that was taken is not refused later, when its worker has to learn of the pool first', async () => {
      const existing = make({ minThreads: 1, maxThreads: 1, maxQueue: 1 })
      const pool = fromPiscina(existing)
      const run = existing.run.bind(existing)
      const own = new OwnTask(existing)
      await own.begun()
      const filling: OwnTask[] = []
      let sent = 0
      existing.run = (task, options) => {
        if (!Array.isArray(task)) return run(task, options)
        // It comes without what the worker has to know of the pool, as where that has changed meanwhile.
        if (++sent === 1) return run(task.slice(0, 3), options)
        // Before the job is there again, the application has filled the queue.
        if (sent === 2) filling.push(new OwnTask({ run } as typeof existing), new OwnTask({ run } as typeof existing))
        return run(task, options)
      }
      const call = pool.apply(double, [1])
      own.goOn()
      await until(() => sent === 2)
      for (const task of filling) task.goOn()
      expect(await call).toBe(2)
      expect(await Promise.all(filling.map(({ result }) => result))).toEqual(['application', 'application'])
      await pool.terminate()
      await existing.destroy()
    })

    test('a queue of the application is for one pool at a time', async () => {
      const taskQueue = new ArrayTaskQueue()
      await using mp = createContext(backend({ taskQueue }))
      for (let round = 0; round < 2; round++) {
        await using pool = new mp.Pool(1)
        expect(await pool.map(double, numbers(5), { chunksize: 1 })).toEqual(doubles(5))
        expect(() => new mp.Pool(1)).toThrow(StateError)
        expect(() => new mp.Pool(1)).toThrow(/taskQueue/)
      }
    })

    test('a pool ends while a map of its waits for room, which rejects', async () => {
      const existing = make({ minThreads: 1, maxThreads: 1, maxQueue: 1 })
      const pool = fromPiscina(existing)
      expect(await pool.apply(double, [1])).toBe(2)
      const [own, queued] = [new OwnTask(existing), new OwnTask(existing)]
      await own.begun()
      const map = outcome(pool.map(double, numbers(5), { chunksize: 1 }))
      await pool.terminate()
      expect(await map).toMatchObject({ code: 'MP_CLOSED' })
      own.goOn()
      queued.goOn()
      await Promise.all([own.result, queued.result])
      await existing.destroy()
    })
  })
}
