import { type Context, createContext, piscina, type TinypoolInstance, tinypool } from '@multiproc/backend-piscina'
import { ClosedError, QueueFullError, TimeoutError } from '@multiproc/core'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { describe, expect, test } from 'vitest'

const double = (n: number) => n * 2
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const thrown = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)

/** Each engine, with options that both have. */
const engines = {
  piscina: { engine: Piscina, backend: (options: object) => piscina(options) },
  tinypool: { engine: Tinypool, backend: (options: object) => tinypool(options) },
}

for (const [name, { engine, backend }] of Object.entries(engines)) {
  const contextOf = (options: object): Context => createContext(backend(options))

  describe(name, () => {
    test('pool.engine is the instance, and its tasks are counted there', async () => {
      await using mp = contextOf({})
      await using pool = new mp.Pool(2)
      expect(pool.engine).toBeInstanceOf(engine)
      const before = (pool.engine as Piscina).completed
      for (const n of numbers(10)) expect(await pool.apply(double, [n])).toBe(2 * n)
      expect((pool.engine as Piscina).completed - before).toBe(10)
    })

    test('new Pool(n) sets the number of threads, unless the options do', async () => {
      for (const [options, processes, wanted] of [
        [{}, 3, [3, 3, 3]],
        [{ maxThreads: 2 }, 3, [2, 2, 2]],
        [{ minThreads: 1 }, 3, [1, 3, 3]],
        [{ minThreads: 1, maxThreads: 4 }, 3, [1, 4, 4]],
      ] as const) {
        await using mp = contextOf(options)
        await using pool = new mp.Pool(processes)
        const { minThreads, maxThreads } = (pool.engine as Piscina).options
        expect([minThreads, maxThreads, pool.processes], JSON.stringify(options)).toEqual(wanted)
        expect(pool.workers.length).toBe(minThreads)
        expect(await pool.map(double, numbers(20), { chunksize: 1 })).toEqual(numbers(20).map(double))
      }
    })

    test('options reach the engine and its workers', async () => {
      await using mp = contextOf({ env: { GREETING: 'hello' }, workerData: { of: 'mine' }, resourceLimits: { stackSizeMb: 3 } })
      await using pool = new mp.Pool(1)
      expect(await pool.apply(() => process.env.GREETING)).toBe('hello')
      const limits = await pool.apply(async () => (await import('node:worker_threads')).resourceLimits)
      expect(limits).toMatchObject({ stackSizeMb: 3 })
      const data = await pool.apply(async () => (await import('node:worker_threads')).workerData)
      expect(name === 'tinypool' ? data[1] : data).toEqual({ of: 'mine' })
    })

    test('where maxQueue is exceeded, calls are refused with QueueFullError, and none is lost', async () => {
      await using mp = contextOf({ maxQueue: 2 })
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

    test('a map takes as much of the queue as there is, and waits for the rest', async () => {
      await using mp = contextOf({ maxQueue: 2 })
      await using pool = new mp.Pool(1)
      expect(await pool.map(double, numbers(1000), { chunksize: 1 })).toEqual(numbers(1000).map(double))
    })

    test('idle workers end after idleTimeout, and come back when there is work', async () => {
      await using mp = contextOf({ minThreads: 0, maxThreads: 2, idleTimeout: 1 })
      await using pool = new mp.Pool(2)
      for (let round = 0; round < 3; round++) {
        expect(await pool.map(double, numbers(10), { chunksize: 1 })).toEqual(numbers(10).map(double))
        while (pool.workers.length > 0) await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })

    test('several tasks a worker: they run side by side, and a death costs those that ran', async () => {
      await using mp = contextOf({ concurrentTasksPerWorker: 4 })
      await using pool = new mp.Pool(1)
      const came = new mp.Value('int32', 0)
      const gate = new mp.Queue()
      const pass = async (n: number, queue: typeof gate, count: typeof came) => {
        count.add(1)
        for await (const _ of queue);
        return n
      }
      const calls = numbers(4).map((n) => pool.apply(pass, [n, gate, came]))
      while (came.value < 4) await new Promise((resolve) => setTimeout(resolve, 1))
      gate.shutdown()
      expect(await Promise.all(calls)).toEqual([0, 1, 2, 3])
      const another = new mp.Queue()
      const doomed = [0, 1].map((n) => thrown(pool.apply(pass, [n, another, came])))
      while (came.value < 6) await new Promise((resolve) => setTimeout(resolve, 1))
      const last = thrown(pool.apply(() => process.exit(5)))
      const behind = numbers(8).map((n) => pool.apply(double, [n]))
      for (const error of await Promise.all([...doomed, last]))
        expect(error).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 5 })
      expect(await Promise.all(behind)).toEqual(numbers(8).map(double))
    })

    test('several tasks a worker: one that is cancelled takes no neighbour with it', async () => {
      await using mp = contextOf({ concurrentTasksPerWorker: 4 })
      await using pool = new mp.Pool(1)
      const came = new mp.Value('int32', 0)
      const gate = new mp.Queue()
      const pass = async (n: number, queue: typeof gate, count: typeof came) => {
        count.add(1)
        for await (const _ of queue);
        return n
      }
      const neighbours = [0, 1].map((n) => pool.apply(pass, [n, gate, came]))
      while (came.value < 2) await new Promise((resolve) => setTimeout(resolve, 1))
      const pend = () => new Promise<void>(() => {})
      expect(await thrown(pool.apply(pend, [], { timeout: 50 }))).toBeInstanceOf(TimeoutError)
      const others = numbers(5).map((n) => pool.apply(double, [n]))
      gate.shutdown()
      expect(await Promise.all(neighbours)).toEqual([0, 1])
      expect(await Promise.all(others)).toEqual(numbers(5).map(double))
    })

    test('an engine that was destroyed under its pool ends the calls with ClosedError', async () => {
      await using mp = contextOf({})
      await using pool = new mp.Pool(1)
      const started = new mp.Value('int32', 0)
      const running = thrown(
        pool.apply(
          (value: typeof started) => {
            value.add(1)
            for (;;);
          },
          [started],
        ),
      )
      while (started.value === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      const queued = thrown(pool.apply(double, [1]))
      await (pool.engine as TinypoolInstance).destroy()
      expect(await running).toMatchObject({ code: 'MP_WORKER_DIED' })
      expect(await queued).toBeInstanceOf(ClosedError)
    })
  })
}

test("Piscina's histograms are filled, and can be left out", async () => {
  for (const recordTiming of [true, false]) {
    await using mp = createContext(piscina({ recordTiming }))
    await using pool = new mp.Pool(1)
    for (const n of numbers(5)) await pool.apply(double, [n])
    const { runTime } = (pool.engine as Piscina).histogram
    if (recordTiming) expect(runTime.max).toBeGreaterThan(0)
    else expect(runTime).toBe(undefined)
  }
})

test('Tinypool on child processes, which share no memory, is refused', () => {
  expect(() => tinypool({ runtime: 'child_process' } as object)).toThrow(/worker_threads/)
})
