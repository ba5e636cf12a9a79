import { once } from 'node:events'
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import * as mp from '@multiproc/backend-piscina'
import * as onTinypool from '@multiproc/backend-piscina/tinypool'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { threadsOf, until } from './support/application.js'

const filename = fileURLToPath(new URL('./fixtures/application.cjs', import.meta.url))
/** Of a worker whose timers go on while it has no task. */
const timed = { atomics: 'async', useAtomics: false } as const
const double = (n: number) => n * 2
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const thrown = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)

const engines = {
  piscina: (threads = 2, options: object = {}) => new Piscina({ filename, minThreads: threads, maxThreads: threads, ...options }),
  tinypool: (threads = 2, options: object = {}) =>
    new Tinypool({ filename, minThreads: threads, maxThreads: threads, ...options }) as unknown as Piscina,
}

for (const [name, make] of Object.entries(engines)) {
  describe(name, () => {
    test('the methods of Pool beside tasks of the application', async () => {
      const existing = make()
      const pool = mp.fromPiscina(existing)
      expect(pool.engine).toBe(existing)
      expect(pool.processes).toBe(2)
      const own = numbers(50).map((n) => existing.run(n))
      expect(await pool.map(double, numbers(100), { chunksize: 3 })).toEqual(numbers(100).map(double))
      expect(await pool.starmap((a: number, b: number) => a - b, [[5, 3]])).toEqual([2])
      expect(await pool.apply(double, [4])).toBe(8)
      const seen: number[] = []
      for await (const n of pool.imap(double, numbers(10))) seen.push(n)
      expect(seen).toEqual(numbers(10).map(double))
      expect(pool.mapSync(double, [1, 2])).toEqual([2, 4])
      expect(await Promise.all(own)).toEqual(numbers(50).map((n) => `application ${n}`))
      await pool.terminate()
      await existing.destroy()
    })

    test('a call that is over, and a pool that has ended, leave nothing under way: the instance may be destroyed next', async () => {
      const existing = make()
      for (let round = 0; round < 20; round++) {
        const pool = mp.fromPiscina(existing)
        const before = existing.completed
        await pool.map(double, numbers(50), { chunksize: 1 })
        expect(existing.completed - before).toBeGreaterThanOrEqual(50)
        const left = [1, 2, 3].map((n) => thrown(pool.map(double, numbers(50), { chunksize: n })))
        await pool.terminate()
        expect(existing.queueSize).toBe(0)
        for (const error of await Promise.all(left)) expect(error).toMatchObject({ code: 'MP_CLOSED' })
      }
      await existing.destroy()
    })

    test('calls are run in the order in which they were made, the first ones too, one task of the instance each', async () => {
      const existing = make(1, { stricterFIFO: true })
      for (let round = 0; round < 3; round++) {
        const pool = mp.fromPiscina(existing)
        const queue = new mp.Queue<number>()
        const before = existing.completed
        const put = pool.apply((queue: mp.Queue<number>) => queue.put(1), [queue]).catch(() => queue.putSync(-1))
        const results = [put, pool.apply((queue: mp.Queue<number>) => queue.getSync({ timeout: 10_000 }), [queue])]
        const late = pool.map(double, numbers(20), { chunksize: 1 })
        await Promise.all(results)
        expect(await late).toEqual(numbers(20).map(double))
        expect(existing.completed - before).toBe(22)
        await pool.terminate()
      }
      await existing.destroy()
    })

    for (const end of ['terminate', 'close'] as const) {
      test(`${end}() right after an imap was left, or a call under an initializer: the workers are free`, async () => {
        const existing = make(1)
        const ended = (pool: mp.PoolOn<Piscina>) => {
          if (end === 'terminate') return pool.terminate()
          pool.close()
          return pool.join()
        }
        const pool = mp.fromPiscina(existing)
        const stayFrom = (n: number) => {
          if (n === 0) return n
          for (;;);
        }
        for await (const n of pool.imap(stayFrom, [0, 1])) {
          expect(n).toBe(0)
          break
        }
        await ended(pool)
        expect(await existing.run('mine')).toBe('application mine')
        const stay = () => {
          for (;;);
        }
        const other = mp.fromPiscina(existing, { initializer: stay })
        expect(await thrown(other.apply(double, [1], { timeout: 100 }))).toMatchObject({ code: 'MP_TIMEOUT' })
        await ended(other)
        expect(await existing.run('mine')).toBe('application mine')
        await existing.destroy()
      })
    }

    test("a terminated pool does not wait for the application's tasks", async () => {
      const existing = make(1)
      const begun = new mp.Value('int32', 0)
      const pool = mp.fromPiscina(existing)
      await pool.apply(double, [1])
      const [HAS_BEGUN, MAY_END] = [0, 1]
      const gate = new Int32Array(new SharedArrayBuffer(8))
      const own = existing.run(gate)
      await until(() => Atomics.load(gate, HAS_BEGUN) === 1)
      const call = thrown(pool.apply((value: typeof begun) => value.add(1), [begun]))
      await pool.terminate()
      expect(await call).toMatchObject({ code: 'MP_CLOSED' })
      Atomics.store(gate, MAY_END, 1)
      Atomics.notify(gate, MAY_END)
      expect(await own).toBe('application')
      expect(await existing.run('next')).toBe('application next')
      expect(begun.value).toBe(0)
      await existing.destroy()
    })

    test('what a pool is left with that nobody waits for gives the workers back', async () => {
      const existing = make(1)
      const pool = mp.fromPiscina(existing)
      const seen: number[] = []
      for await (const n of pool.imap(
        (n: number) => {
          if (n === 0) return n
          for (;;);
        },
        [0, 1],
      )) {
        seen.push(n)
        break
      }
      expect([seen, await existing.run('mine')]).toEqual([[0], 'application mine'])
      await pool.terminate()
      const other = mp.fromPiscina(existing, { initializer: () => new Promise(() => setInterval(() => {}, 1000)) })
      const call = thrown(other.apply(double, [1], { timeout: 100 }))
      expect(await call).toMatchObject({ code: 'MP_TIMEOUT' })
      expect(await existing.run('mine')).toBe('application mine')
      await other.terminate()
      await existing.destroy()
    })

    test('its end leaves the instance as it is, and a running task ends with its worker alone', async () => {
      const existing = make()
      const started = new mp.Value('int32', 0)
      const pool = mp.fromPiscina(existing)
      const spinning = thrown(
        pool.apply(
          (value: typeof started) => {
            value.add(1)
            for (;;);
          },
          [started],
        ),
      )
      while (started.value === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      const own = existing.run('mine')
      await pool.terminate()
      expect(await spinning).toMatchObject({ code: 'MP_CLOSED' })
      expect(await own).toBe('application mine')
      expect(await Promise.all(numbers(10).map((n) => existing.run(n)))).toEqual(numbers(10).map((n) => `application ${n}`))
      const next = mp.fromPiscina(existing)
      expect(await next.map(double, numbers(10))).toEqual(numbers(10).map(double))
      next.close()
      await next.join()
      expect(await existing.run('still')).toBe('application still')
      await existing.destroy()
      await until(() => mp.usage().agents === 1)
    })

    test('the workers are members of the family for as long as they live, and pools one after another take no more', async () => {
      const existing = make(1)
      const used: number[] = []
      for (let round = 0; round < 20; round++) {
        const pool = mp.fromPiscina(existing)
        expect(await pool.map(double, numbers(4), { chunksize: 1 })).toEqual(numbers(4).map(double))
        await pool.terminate()
        used.push(mp.usage().agents)
      }
      expect(used).toEqual(used.map(() => 2))
      await existing.destroy()
      await until(() => mp.usage().agents === 1)
    })

    test('what tasks left running writes where it did, and not into what others have by then', async () => {
      const existing = make(1, timed)
      const pool = mp.fromPiscina(existing)
      const beats = new mp.Value('int32', 0)
      const use = async () => {
        const left = Array.from({ length: 50 }, () => new mp.Value('int32', 0))
        await pool.apply(
          (values: mp.Value[], count: mp.Value) => {
            setInterval(() => {
              for (const value of values) value.add(1)
              count.add(1)
            }, 1)
          },
          [left, beats],
        )
      }
      await use()
      await pool.terminate()
      for (let round = 0; round < 3; round++) {
        global.gc?.()
        await new Promise((resolve) => setImmediate(resolve))
        mp.usage()
      }
      const others = Array.from({ length: 2000 }, () => new mp.Value('int32', 0))
      const before = beats.value
      await until(() => beats.value > before + 5)
      expect(others.filter(({ value }) => value !== 0)).toEqual([])
      await existing.destroy()
    })

    test('pools of several contexts on one instance, each with its initializer', async () => {
      const existing = make()
      await using other = mp.createContext(mp.piscina())
      const initializer = (key: string, value: number) => void Reflect.set(globalThis, key, value)
      const first = mp.fromPiscina(existing, { initializer, initargs: ['first', 1] })
      const second = mp.fromPiscina(existing, { context: other, initializer, initargs: ['second', 2] })
      const [lock, count] = [new other.Lock(), new other.Value('int32', 0)]
      const [one, two] = await Promise.all([
        first.map(() => Reflect.get(globalThis, 'first'), numbers(20), { chunksize: 1 }),
        second.map(
          ({ lock, count }: { lock: mp.Lock; count: mp.Value }) => {
            lock.runExclusiveSync(() => {
              count.value++
            })
            return Reflect.get(globalThis, 'second')
          },
          numbers(20).map(() => ({ lock, count })),
          { chunksize: 1 },
        ),
      ])
      expect(new Set(one)).toEqual(new Set([1]))
      expect(new Set(two)).toEqual(new Set([2]))
      expect(count.value).toBe(20)
      await Promise.all([first.terminate(), second.terminate()])
      await existing.destroy()
    })

    test('a worker that dies costs the task in it, and a failing initializer all calls, but not the application', async () => {
      const existing = make()
      existing.on('error', () => {})
      const pool = mp.fromPiscina(existing)
      expect(await thrown(pool.apply(() => process.exit(3)))).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 3 })
      expect(await pool.map(double, numbers(10), { chunksize: 1 })).toEqual(numbers(10).map(double))
      const failing = mp.fromPiscina(existing, {
        initializer: () => {
          throw new RangeError('not here')
        },
      })
      expect(await thrown(failing.apply(double, [1]))).toMatchObject({ name: 'RangeError', message: 'not here' })
      expect(await thrown(failing.map(double, [1, 2]))).toMatchObject({ message: 'not here' })
      expect(await existing.run(1)).toBe('application 1')
      await Promise.all([pool.terminate(), failing.terminate()])
      await existing.destroy()
    })

    test('pools of both entries of the package on one instance and context: each learns of a death', async () => {
      const existing = make(1)
      existing.on('error', () => {})
      await using context = mp.createContext(mp.piscina())
      for (const { fromPiscina } of [mp, onTinypool, mp]) {
        const pool = fromPiscina(existing, { context })
        expect(await pool.apply(double, [1])).toBe(2)
        expect(await thrown(pool.apply(() => process.exit(3)))).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: 3 })
      }
      await existing.destroy()
    })

    test('pools that are made and ended one after another leave no listeners in the workers', async () => {
      const existing = make(1)
      const counts: number[][] = []
      for (let round = 0; round < 5; round++) {
        const pool = mp.fromPiscina(existing)
        counts.push(await pool.apply(() => ['exit', 'uncaughtExceptionMonitor'].map((event) => process.listenerCount(event))))
        await pool.terminate()
      }
      expect(counts).toEqual(counts.map(() => counts[0]))
      const contexts = Array.from({ length: 12 }, () => mp.createContext(mp.piscina()))
      for (const context of contexts) {
        const listeners = () => process.listenerCount('exit')
        expect(await mp.fromPiscina(existing, { context }).apply(listeners)).toBe((counts[0] as number[])[0])
      }
      for (const context of contexts) await context.close()
      await existing.destroy()
    })

    test("messages of the application's to a worker come to those who listen there", async () => {
      const existing = make(1)
      const pool = mp.fromPiscina(existing)
      const count = new mp.Value('int32', 0)
      const listen = async (count: mp.Value) => {
        const { parentPort } = await import('node:worker_threads')
        parentPort?.on('message', (message: { own?: number }) => void (message.own && count.add(1)))
      }
      await pool.apply(listen, [count])
      const other = mp.fromPiscina(existing)
      const [worker] = threadsOf(existing)
      for (let n = 0; n < 10; n++) worker?.postMessage({ own: 1 })
      expect(await other.apply(double, [1])).toBe(2)
      const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 1))
      while (count.value < 10) await pool.apply(wait)
      expect(count.value).toBe(10)
      await Promise.all([pool.terminate(), other.terminate()])
      await existing.destroy()
    })

    test("tasks that use the package's own names are in the family of their pool, also in workers that were in another one before", async () => {
      for (const file of [filename, fileURLToPath(new URL('./fixtures/importing.mjs', import.meta.url))]) {
        const existing = make(1, { filename: file })
        expect(await existing.run(1)).toBe('application 1')
        for (let round = 0; round < 3; round++) {
          const pool = mp.fromPiscina(existing)
          const made = await pool.apply(
            async (n: number, name: string) => {
              const { Value } = (await import(name)) as typeof mp
              return new Value('int32', n)
            },
            [round, '@multiproc/backend-piscina'],
          )
          expect(made.value).toBe(round)
          await pool.terminate()
        }
        await existing.destroy()
      }
    })

    test('destroyed by the application: what is pending ends', async () => {
      const existing = make()
      const pool = mp.fromPiscina(existing)
      const pending = numbers(6).map(() => thrown(pool.apply(() => new Promise<void>(() => {}))))
      await existing.destroy()
      for (const error of await Promise.all(pending)) expect(error).toBeInstanceOf(mp.MultiprocError)
      await pool.terminate()
    })
  })
}

for (const options of [{ isolateWorkers: true }, { maxMemoryLimitBeforeRecycle: 1 }]) {
  test(`Tinypool that replaces a worker after each task: ${JSON.stringify(options)}`, async () => {
    const existing = new Tinypool({ filename, minThreads: 1, maxThreads: 1, ...options })
    const pool = mp.fromPiscina(existing)
    // Workers that the pool had nothing to do with are none that failed.
    for (const n of numbers(4)) expect(await existing.run(n)).toBe(`application ${n}`)
    const threadIdOf = async () => (await import('node:worker_threads')).threadId
    const before = existing.completed
    const ids = [await pool.apply(threadIdOf), await pool.apply(threadIdOf), await pool.apply(threadIdOf)]
    expect(new Set(ids).size).toBe(3)
    expect(existing.completed - before).toBe(3)
    expect(await pool.map(double, numbers(4), { chunksize: 1 })).toEqual(numbers(4).map(double))
    await pool.terminate()
    expect(await existing.run(1)).toBe('application 1')
    await existing.destroy()
  })
}

test('Tinypool on child processes is refused at the call', async () => {
  for (const minThreads of [0, 1]) {
    const existing = new Tinypool({ filename, runtime: 'child_process', minThreads, maxThreads: 1 })
    expect(() => mp.fromPiscina(existing)).toThrow(mp.NotSupportedError)
    expect(await existing.run(1)).toBe('application 1')
    await existing.destroy()
  }
})

test('Tinypool that is told to go on with child processes: calls reject, and nothing else ends', async () => {
  const existing = new Tinypool({ filename, minThreads: 1, maxThreads: 1 })
  const pool = mp.fromPiscina(existing)
  expect(await pool.apply(double, [1])).toBe(2)
  await existing.recycleWorkers({ runtime: 'child_process' })
  // The pool looks at its workers whenever a thread comes into being.
  await once(new Worker('', { eval: true }), 'exit')
  expect(await thrown(pool.apply(double, [1]))).toMatchObject({
    code: 'MP_CLOSED',
    message: expect.stringMatching(/child processes/),
  })
  expect(await existing.run(1)).toBe('application 1')
  await pool.terminate()
  await existing.destroy()
})

test('a context whose memory threads cannot share is refused at the call', async () => {
  const capabilities = { ...mp.backend.capabilities, isolation: 'process' } as const
  await using other = mp.createContext({ ...mp.backend, name: 'other', capabilities })
  const existing = new Piscina({ filename, minThreads: 1, maxThreads: 1 })
  expect(() => mp.fromPiscina(existing, { context: other })).toThrow(mp.NotSupportedError)
  await existing.destroy()
})

test('bad options are a TypeError that says which', async () => {
  const existing = new Piscina({ filename, minThreads: 1, maxThreads: 1 })
  for (const [options, message] of [
    [5, 'the options of fromPiscina() must be an object; got 5'],
    [null, 'the options of fromPiscina() must be an object; got null'],
    [{ context: {} }, 'context must be what createContext() gives; got an object'],
    [{ context: null }, 'context must be what createContext() gives; got null'],
    [{ initializer: 5 }, 'initializer'],
    [{ processes: 2 }, 'fromPiscina() takes no processes'],
    [{ concurrency: 2 }, 'fromPiscina() takes no concurrency'],
    [{ maxTasksPerChild: 1 }, 'fromPiscina() takes no maxTasksPerChild'],
  ] as const) {
    expect(() => mp.fromPiscina(existing, options as never), message).toThrow(TypeError)
    expect(() => mp.fromPiscina(existing, options as never), message).toThrow(message)
  }
  await existing.destroy()
})

describe('two installed copies of the package on one instance', () => {
  let folder: string
  let other: typeof mp
  beforeAll(async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'multiproc-copy-'))
    const installed = join(folder, 'node_modules')
    await mkdir(installed)
    for (const name of ['core', 'backend-piscina']) {
      const from = fileURLToPath(new URL(`../../${name}`, import.meta.url))
      const to = join(installed, '@multiproc', name)
      await cp(join(from, 'dist'), join(to, 'dist'), { recursive: true })
      await cp(join(from, 'package.json'), join(to, 'package.json'))
    }
    const shared = fileURLToPath(new URL('../../../node_modules', import.meta.url))
    for (const name of ['acorn', 'piscina']) await symlink(join(shared, name), join(installed, name), 'junction')
    other = await import(pathToFileURL(join(installed, '@multiproc/backend-piscina/dist/index.mjs')).href)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  for (const [name, make] of Object.entries(engines)) {
    test(`${name}: the pools of each know nothing of the other's`, async () => {
      const existing = make()
      await using context = mp.createContext(mp.piscina())
      await using another = other.createContext(other.piscina())
      for (let round = 0; round < 3; round++) {
        const one = mp.fromPiscina(existing, { context })
        const two = other.fromPiscina(existing, { context: another })
        const both = [
          one.map(double, numbers(20), { chunksize: 1 }),
          two.map((n: number) => n * 3, numbers(20), { chunksize: 1 }),
        ]
        expect(await Promise.all(both)).toEqual([numbers(20).map(double), numbers(20).map((n) => n * 3)])
        expect(await one.apply(double, [round])).toBe(2 * round)
        if (round === 1) await Promise.all([one.terminate(), two.terminate()])
      }
      await existing.destroy()
    })
  }

  test('a context of the other copy is refused with what to do', async () => {
    expect(other.fromPiscina).not.toBe(mp.fromPiscina)
    const existing = new Piscina({ filename, minThreads: 1, maxThreads: 1 })
    expect(() => other.fromPiscina(existing)).toThrow(/another copy of @multiproc\/core.*npm dedupe/)
    expect(() => mp.fromPiscina(existing, { context: other.createContext(other.piscina()) })).toThrow(/another copy/)
    await existing.destroy()
  })
})

test('what is no engine is a TypeError', () => {
  const nearMiss = { run: () => {}, threads: [] }
  for (const wrong of [undefined, null, {}, 'piscina', 5n, nearMiss, Piscina, Object.create(null)]) {
    expect(() => mp.fromPiscina(wrong as never)).toThrow(TypeError)
  }
})
