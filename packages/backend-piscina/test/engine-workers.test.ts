import * as mp from '@multiproc/backend-piscina'
import { describe, expect, test } from 'vitest'
import { ended, engines, filename, OwnTask, outcome, threadsOf, until } from './support/application.js'

const double = (n: number) => n * 2
const never = (count: mp.Value) => {
  count.add(1)
  return new Promise<void>(() => {})
}
const spin = (count: mp.Value) => {
  count.add(1)
  for (;;);
}

for (const [name, { backend, make }] of Object.entries(engines)) {
  describe(name, () => {
    test("workers that the application's aborts end, used by the pool or not, cost the pool nothing", async () => {
      const existing = make({ minThreads: 1, maxThreads: 1 })
      const pool = mp.fromPiscina(existing)
      for (let n = 0; n < 4; n++) {
        const abort = new AbortController()
        const own = new OwnTask(existing, { signal: abort.signal })
        await own.begun()
        const end = ended(threadsOf(existing)[0] as never)
        abort.abort()
        expect(await outcome(own.result)).toMatchObject({ name: 'AbortError' })
        await end
      }
      expect(await pool.apply(double, [1])).toBe(2)
      await pool.terminate()
      await existing.destroy()
    })

    test('workers of the pool that are ended from outside before it had use for them cost nothing', async () => {
      await using context = mp.createContext(backend({}))
      const begun = new context.Value('int32', 0)
      // In the first three, for ever.
      const initializer = (count: typeof begun) => (count.add(1) < 3 ? new Promise<void>(() => {}) : undefined)
      await using pool = new context.Pool({ processes: 1, initializer, initargs: [begun] })
      for (let n = 1; n <= 3; n++) {
        await until(() => begun.value === n)
        await threadsOf(pool.engine as object)[0]?.terminate()
      }
      expect(await pool.apply(double, [1])).toBe(2)
    })

    test("an initializer that exits, in an application's workers: every call is rejected, after three workers", async () => {
      const existing = make({ minThreads: 1, maxThreads: 1 })
      const begun = new mp.Value('int32', 0)
      const initializer = (count: typeof begun) => {
        count.add(1)
        process.exit(3)
      }
      const pool = mp.fromPiscina(existing, { initializer, initargs: [begun] })
      const behind = mp.fromPiscina(existing)
      const calls = [1, 2].map((n) => outcome(pool.apply(double, [n])))
      for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'MP_WORKER_DIED' })
      expect(await outcome(pool.apply(double, [1]))).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 3 })
      expect(begun.value).toBe(3)
      expect(await behind.apply(double, [1])).toBe(2)
      expect(await existing.run(1)).toBe('application 1')
      await Promise.all([pool.terminate(), behind.terminate()])
      await existing.destroy()
    })

    for (const [tasks, initializer] of [
      [1, never],
      [1, spin],
      [2, never],
    ] as const) {
      test(`an initializer that is never through (${initializer.name}, ${tasks} tasks a worker): the end of its pool gives the worker back`, async () => {
        const existing = make({ minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: tasks })
        const begun = new mp.Value('int32', 0)
        const pool = mp.fromPiscina(existing, { initializer, initargs: [begun] })
        const calls = Array.from({ length: tasks }, (_, n) => outcome(pool.apply(double, [n])))
        await until(() => begun.value === 1)
        await pool.terminate()
        for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(mp.ClosedError)
        expect(await existing.run(1)).toBe('application 1')
        const next = mp.fromPiscina(existing)
        expect(await next.apply(double, [1])).toBe(2)
        await next.terminate()
        await existing.destroy()
      })
    }

    test.for(['application', 'pool'])(
      'an initializer that threw: its worker is healthy, and the end of its pool harms no task in it (of another %s)',
      async (whose) => {
        const existing = make({ minThreads: 1, maxThreads: 1 })
        const failing = mp.fromPiscina(existing, {
          initializer: () => {
            throw new RangeError('not here')
          },
        })
        expect(await outcome(failing.apply(double, [1]))).toMatchObject({ name: 'RangeError' })
        const other = mp.fromPiscina(existing)
        const [begun, goOn] = [new mp.Event(), new mp.Event()]
        const own = new OwnTask(existing)
        const task = async (begun: mp.Event, goOn: mp.Event) => {
          begun.set()
          return goOn.wait()
        }
        if (whose === 'pool') own.goOn()
        const running = whose === 'pool' ? other.apply(task, [begun, goOn]) : own.result
        if (whose === 'pool') await begun.wait()
        else await own.begun()
        await failing.terminate()
        own.goOn()
        goOn.set()
        expect(await running).toBe(whose === 'pool' ? true : 'application')
        await other.terminate()
        await existing.destroy()
      },
    )

    test.for(['nothing there', 'too little memory'])(
      'workers that cannot start (%s): calls reject, and workers are not started over and over',
      async (why) => {
        const wrong =
          why === 'nothing there' ? { filename: '/nonexistent.cjs' } : { resourceLimits: { maxOldGenerationSizeMb: 1 } }
        let started = 0
        const onWorker = () => void started++
        process.on('worker', onWorker)
        const existing = make({ ...wrong, minThreads: 1, maxThreads: 1 })
        const pool = mp.fromPiscina(existing)
        for (let n = 0; n < 2; n++) {
          expect(await outcome(pool.apply(double, [1]))).toMatchObject({ code: 'MP_WORKER_DIED', cause: expect.any(Error) })
        }
        await pool.terminate()
        await using context = mp.createContext(backend({ filename, ...wrong }))
        const own = new context.Pool(1)
        const call = outcome(own.apply(double, [1]))
        own.close()
        await own.join()
        expect(await call).toMatchObject({ code: 'MP_WORKER_DIED', cause: expect.any(Error) })
        process.off('worker', onWorker)
        expect(started).toBeLessThan(20)
      },
    )

    test.for(['signal', 'terminate'])('jobs that were taken back (%s) do not hold up the application', async (how) => {
      const existing = make({ minThreads: 1, maxThreads: 1 })
      await existing.run(0)
      const own = new OwnTask(existing)
      await own.begun()
      const pool = mp.fromPiscina(existing)
      const abort = new AbortController()
      const jobs = Array.from({ length: 100 }, (_, n) => outcome(pool.apply(double, [n], { signal: abort.signal })))
      if (how === 'signal') abort.abort('enough')
      else await pool.terminate()
      for (const error of await Promise.all(jobs)) expect(error).toEqual(how === 'signal' ? 'enough' : expect.any(mp.ClosedError))
      own.goOn()
      expect(await existing.run(1)).toBe('application 1')
      await pool.terminate()
      await existing.destroy()
    })

    test('a job that the engine refuses and keeps all the same harms no job of later pools', async () => {
      const [full, other] = [make({ minThreads: 1, maxThreads: 1, maxQueue: 0 }), make({ minThreads: 1, maxThreads: 1 })]
      const keeper = mp.fromPiscina(full)
      await keeper.apply(double, [1])
      const first = mp.fromPiscina(full)
      await first.apply(double, [1])
      const own = new OwnTask(full)
      await own.begun()
      expect(await outcome(first.apply(double, [2]))).toMatchObject({ code: 'MP_QUEUE_FULL' })
      await first.terminate()
      const second = mp.fromPiscina(other)
      await second.apply(double, [1])
      const behind = new OwnTask(other)
      await behind.begun()
      const before = other.completed
      const job = second.apply(double, [3])
      own.goOn()
      await own.result
      // Whatever the engine has kept comes first.
      while ((await outcome(keeper.apply(double, [1]))) !== 2) await new Promise((resolve) => setImmediate(resolve))
      behind.goOn()
      expect(await job).toBe(6)
      expect(other.completed - before).toBe(2)
      await Promise.all([keeper.terminate(), second.terminate()])
      await Promise.all([full.destroy(), other.destroy()])
    })

    test.for(['signal', 'terminate'])(
      "several tasks a worker: a job that is cancelled (%s) takes neither the application's nor another pool's with it",
      async (how) => {
        const existing = make({ minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 3 })
        const [pool, neighbour] = [mp.fromPiscina(existing), mp.fromPiscina(existing)]
        for (const one of [pool, neighbour]) await one.apply(double, [1])
        const begun = new mp.Value('int32', 0)
        const gate = new mp.Queue()
        const pass = async (queue: typeof gate, count: typeof begun) => {
          count.add(1)
          for await (const _ of queue);
          return 'passed'
        }
        const own = new OwnTask(existing)
        const other = neighbour.apply(pass, [gate, begun])
        const abort = new AbortController()
        const cancelled = outcome(pool.apply(never, [begun], { signal: abort.signal }))
        await own.begun()
        await until(() => begun.value === 2)
        if (how === 'signal') abort.abort('enough')
        else await pool.terminate()
        expect(await cancelled).toEqual(how === 'signal' ? 'enough' : expect.any(mp.ClosedError))
        // There were three tasks in hand: it has given its place to this one.
        expect(await existing.run(1)).toBe('application 1')
        own.goOn()
        gate.shutdown()
        expect(await own.result).toBe('application')
        expect(await other).toBe('passed')
        await Promise.all([pool.terminate(), neighbour.terminate()])
        await existing.destroy()
      },
    )

    test('several tasks a worker: the end of a pool does not wait for a job that keeps the thread', async () => {
      const existing = make({ minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 2 })
      const pool = mp.fromPiscina(existing)
      const begun = new mp.Value('int32', 0)
      const cancelled = outcome(pool.apply(spin, [begun]))
      await until(() => begun.value === 1)
      await pool.terminate()
      expect(await cancelled).toBeInstanceOf(mp.ClosedError)
      await existing.destroy()
    })

    test('one that is cancelled and cannot be interrupted is told to end once', async () => {
      await using context = mp.createContext(backend({}))
      await using pool = new context.Pool(2)
      const begun = new context.Value('int32', 0)
      const warnings: Error[] = []
      const onWarning = (warning: Error) => void warnings.push(warning)
      process.on('warning', onWarning)
      const abort = new AbortController()
      const native = async (count: typeof begun) => {
        const { pbkdf2Sync } = await import('node:crypto')
        count.add(1)
        pbkdf2Sync('a', 'b', 1_000_000, 64, 'sha512')
      }
      const cancelled = outcome(pool.apply(native, [begun], { signal: abort.signal }))
      await until(() => begun.value === 1)
      abort.abort('enough')
      expect(await cancelled).toBe('enough')
      for (let n = 0; n < 50; n++) await pool.apply(double, [n])
      await new Promise((resolve) => setImmediate(resolve))
      process.off('warning', onWarning)
      expect(warnings).toEqual([])
    })
  })
}

test("Tinypool: what a worker has answered before it exits counts, the application's too", async () => {
  const existing = engines.tinypool.make({ minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 2 })
  const pool = mp.fromPiscina(existing)
  expect(await pool.apply(double, [1])).toBe(2)
  const own = new OwnTask(existing)
  await own.begun()
  const exiting = new mp.Value('int32', 0)
  const exit = async (flag: typeof exiting) => {
    flag.value = 1
    setTimeout(() => process.exit(3), 20)
    await new Promise(() => {})
  }
  const lost = outcome(pool.apply(exit, [exiting]))
  await until(() => exiting.value === 1)
  own.goOn()
  // So that its end and the answer are found in one turn of the event loop.
  const end = performance.now() + 100
  while (performance.now() < end);
  expect(await own.result).toBe('application')
  expect(await lost).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 3 })
  await pool.terminate()
  await existing.destroy()
})
