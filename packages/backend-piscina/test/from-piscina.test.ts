import { fileURLToPath } from 'node:url'
import * as mp from '@multiproc/backend-piscina'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { describe, expect, test } from 'vitest'

const filename = fileURLToPath(new URL('./fixtures/application.cjs', import.meta.url))
const double = (n: number) => n * 2
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const thrown = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)

const engines = {
  piscina: () => new Piscina({ filename, minThreads: 2, maxThreads: 2 }),
  tinypool: () => new Tinypool({ filename, minThreads: 2, maxThreads: 2 }) as unknown as Piscina,
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
      expect(mp.usage().agents).toBe(1)
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

test('what is no engine is a TypeError', () => {
  for (const wrong of [undefined, null, {}, 'piscina']) expect(() => mp.fromPiscina(wrong as never)).toThrow(TypeError)
})
