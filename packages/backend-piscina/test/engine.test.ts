import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { type Context, createContext, type Event, piscina, type TinypoolInstance, tinypool } from '@multiproc/backend-piscina'
import { ClosedError, TimeoutError } from '@multiproc/core'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { describe, expect, test } from 'vitest'

const filename = fileURLToPath(new URL('./fixtures/application.cjs', import.meta.url))
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

    test('a module of its own that the engine loads: its tasks run beside those of the pool, in the same workers', async () => {
      await using mp = contextOf({ filename })
      await using pool = new mp.Pool({ processes: 2, initializer: () => void Reflect.set(globalThis, 'ready', true) })
      const workers = pool.workers.map(({ pid }) => pid)
      const own = numbers(20).map((n) => (pool.engine as Piscina).run(n))
      expect(await Promise.all(own)).toEqual(numbers(20).map((n) => `application ${n}`))
      expect(await pool.map(() => Reflect.get(globalThis, 'ready'), numbers(20), { chunksize: 1 })).toEqual(
        numbers(20).map(() => true),
      )
      expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
    })

    test('a module of its own: an initializer that exits rejects the calls', async () => {
      await using mp = contextOf({ filename })
      await using pool = new mp.Pool({ processes: 1, initializer: () => process.exit(3) })
      expect(await thrown(pool.apply(double, [1]))).toMatchObject({ code: 'MP_WORKER_DIED' })
      expect(await (pool.engine as Piscina).run(1)).toBe('application 1')
    })

    test('workers that come and go without a job of the pool are no failed starts', async () => {
      await using mp = contextOf({ filename, minThreads: 0, maxThreads: 1, idleTimeout: 1 })
      await using pool = new mp.Pool(1)
      for (const n of numbers(4)) {
        expect(await (pool.engine as Piscina).run(n)).toBe(`application ${n}`)
        while (pool.workers.length > 0) await new Promise((resolve) => setTimeout(resolve, 1))
      }
      expect(await pool.map(double, numbers(10))).toEqual(numbers(10).map(double))
    })

    test('an option that is undefined is not given', async () => {
      await using mp = contextOf({ filename: undefined, atomics: undefined, useAtomics: undefined, maxThreads: undefined })
      await using pool = new mp.Pool(2)
      const workers = pool.workers.map(({ pid }) => pid)
      expect(workers.length).toBe(2)
      expect(await pool.map(double, numbers(10), { chunksize: 1 })).toEqual(numbers(10).map(double))
      expect(pool.workers.map(({ pid }) => pid)).toEqual(workers)
      expect((pool.engine as Piscina).options).toMatchObject(name === 'piscina' ? { atomics: 'async' } : { useAtomics: false })
    })

    test('an option that no worker can be sent is for the engine here alone', async () => {
      await using mp = contextOf({ onError() {}, hooks: { created: () => {} } })
      const process = new mp.Process({ target: () => {} }).start()
      expect(await process.join({ timeout: 10_000 })).toBe(0)
      await using pool = new mp.Pool(1)
      expect(await pool.apply(double, [1], { timeout: 10_000 })).toBe(2)
    })

    test('an env that is none is a TypeError at the call; null is none given', async () => {
      await using mp = contextOf({ env: 5 })
      expect(() => new mp.Process({ target: () => {} }).start()).toThrow(TypeError)
      expect(() => new mp.Pool(1)).toThrow(TypeError)
      await using other = contextOf({ env: null })
      const process = new other.Process({
        target: (path?: string) => globalThis.process.exit(path === globalThis.process.env.PATH ? 7 : 1),
        args: [globalThis.process.env.PATH],
      })
      expect(await process.start().join()).toBe(7)
    })

    test('options that are no object are a TypeError that says so', () => {
      for (const wrong of [null, 'x', 5])
        expect(() => contextOf(wrong as never), String(wrong)).toThrow(`the options of ${name}() must be an object; got`)
    })

    test('a worker that fails while the pool ends it harms nobody', async () => {
      await using mp = contextOf({})
      const pool = new mp.Pool(1)
      await pool.apply(double, [1])
      const [worker] = (pool.engine as Piscina).threads as unknown as [Worker & { thread?: Worker }]
      const ended = pool.terminate()
      // As where a timer that a task left running throws at that moment.
      ;(worker.thread ?? worker).emit('error', new Error('late'))
      await ended
    })

    test('idle workers end after idleTimeout, and come back when there is work', async () => {
      await using mp = contextOf({ minThreads: 0, maxThreads: 2, idleTimeout: 1 })
      await using pool = new mp.Pool(2)
      for (let round = 0; round < 3; round++) {
        expect(await pool.map(double, numbers(10), { chunksize: 1 })).toEqual(numbers(10).map(double))
        // Piscina at times drops the idle timeout of a worker with its last task, bare as well (`postTask` clears it in a microtask), and sets it again with the next one.
        for (let look = 1; pool.workers.length > 0; look++) {
          await new Promise((resolve) => setTimeout(resolve, 1))
          if (look % 200 === 0) expect(await pool.apply(double, [1])).toBe(2)
        }
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

test('Tinypool with a new worker for each task, and a module of its own', async () => {
  await using mp = createContext(tinypool({ filename, isolateWorkers: true }))
  await using pool = new mp.Pool(1)
  expect(await pool.map(double, numbers(5), { chunksize: 1 })).toEqual(numbers(5).map(double))
  expect(await (pool.engine as TinypoolInstance).run(1, { filename, name: 'default' })).toBe('application 1')
})

test('a pool on a Tinypool that calls a teardown ends in time, whatever its worker does', async () => {
  const filename = new URL('./fixtures/teardown.mjs', import.meta.url).href
  await using mp = createContext(tinypool({ filename, teardown: 'teardown' }))
  for (const never of [
    () => new Promise(() => {}),
    () => {
      for (;;);
    },
  ]) {
    await using pool = new mp.Pool(1)
    expect(await pool.map(double, [1, 2, 3])).toEqual([2, 4, 6])
    const call = thrown(pool.apply(never))
    while (pool.stats.running === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await pool.terminate()
    expect(await call).toBeInstanceOf(ClosedError)
  }
})

test('a process on Tinypool is not recycled as workers are', async () => {
  for (const options of [{ isolateWorkers: true }, { maxMemoryLimitBeforeRecycle: 1 }]) {
    await using mp = createContext(tinypool(options))
    const [begun, goOn] = [new mp.Event(), new mp.Event()]
    const process = new mp.Process({
      target: async (begun: Event, goOn: Event) => {
        begun.set()
        await goOn.wait()
      },
      args: [begun, goOn],
    }).start()
    await begun.wait()
    goOn.set()
    expect(await process.join()).toBe(0)
  }
})

test('Tinypool that is told to go on with child processes: calls reject', async () => {
  await using mp = createContext(tinypool({ filename }))
  await using pool = new mp.Pool(1)
  expect(await pool.apply(double, [1])).toBe(2)
  await (pool.engine as Tinypool).recycleWorkers({ runtime: 'child_process' })
  expect(await thrown(pool.apply(double, [1]))).toMatchObject({
    code: 'MP_CLOSED',
    message: expect.stringMatching(/child processes/),
  })
  expect(pool.workers).toEqual([])
  expect(await (pool.engine as Tinypool).run(1)).toBe('application 1')
})

test('options of which Tinypool can make nothing are a TypeError that says which', () => {
  for (const options of [
    { filename: 5 },
    { name: 5 },
    { minThreads: -1 },
    { maxThreads: 0 },
    { maxThreads: '2' },
    { idleTimeout: -1 },
    { maxQueue: 'some' },
    { concurrentTasksPerWorker: 0 },
    { concurrentTasksPerWorker: 1.5 },
    { resourceLimits: null },
  ]) {
    const name = Object.keys(options)[0] as string
    expect(() => tinypool(options as object), name).toThrow(TypeError)
    expect(() => tinypool(options as object), name).toThrow(`options.${name} must be`)
  }
  tinypool({ filename: null, minThreads: 0.5, maxThreads: 0.5, maxQueue: 'auto', concurrentTasksPerWorker: 2 })
})

test('Tinypool on child processes, which share no memory, is refused', () => {
  expect(() => tinypool({ runtime: 'child_process' } as object)).toThrow(/worker_threads/)
})
