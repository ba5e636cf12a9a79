import { inspect } from 'node:util'
import type { Semaphore } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { giveMany } from '../../workers/permits.js'

/** What one agent sees of acquire and release. */
export function basics(suite: Suite): void {
  for (const name of ['Semaphore', 'BoundedSemaphore'] as const) {
    suite.test(`${name}: each acquire takes one, each release gives one`, async ({ mp }) => {
      const semaphore = new mp[name](2)
      expect([semaphore.value, semaphore.locked]).toEqual([2, false])
      const forms: Record<string, () => unknown> = {
        acquire: () => semaphore.acquire(),
        tryAcquire: () => semaphore.tryAcquire(),
        ...(suite.capabilities.sync ? { acquireSync: () => semaphore.acquireSync() } : {}),
      }
      for (const [form, acquire] of Object.entries(forms)) {
        expect(await acquire(), form).toBeDefined()
        expect([semaphore.value, semaphore.locked], form).toEqual([1, false])
        await acquire()
        expect([semaphore.value, semaphore.locked], form).toEqual([0, true])
        expect(semaphore.tryAcquire(), form).toBeUndefined()
        semaphore.release()
        expect([semaphore.value, semaphore.locked], form).toEqual([1, false])
        semaphore.release()
        expect(semaphore.value, form).toBe(2)
      }
    })

    suite.test(`${name}: begins with 1, or as many as are given`, ({ mp }) => {
      expect([new mp[name](), new mp[name](undefined), new mp[name](0), new mp[name](7)].map(({ value }) => value)).toEqual([
        1, 1, 0, 7,
      ])
      expect(new mp[name](2 ** 31 - 1).value).toBe(2 ** 31 - 1)
    })

    suite.test(`${name}: what is no number of permits is refused`, ({ mp }) => {
      for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
        const error = thrownAtOnce(() => new mp[name](value))
        expect(error, `${value}`).toBeInstanceOf(RangeError)
        expect((error as Error).message).toContain(String(value))
      }
      for (const value of [null, '1', 1n, true, {}])
        expect(
          thrownAtOnce(() => new mp[name](value as never)),
          String(value),
        ).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => (mp[name] as unknown as () => void)())).toBeInstanceOf(TypeError)
    })

    suite.test(`${name}: release(n) takes whole numbers from 1, and changes nothing otherwise`, ({ mp }) => {
      const semaphore = new mp[name](3)
      for (let n = 0; n < 3; n++) semaphore.tryAcquire()
      for (const n of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(
          thrownAtOnce(() => semaphore.release(n)),
          String(n),
        ).toBeInstanceOf(RangeError)
      }
      for (const n of [null, '1', 1n, true])
        expect(
          thrownAtOnce(() => semaphore.release(n as never)),
          String(n),
        ).toBeInstanceOf(TypeError)
      expect(semaphore.value).toBe(0)
      semaphore.release(undefined)
      semaphore.release(2)
      expect(semaphore.value).toBe(3)
    })
  }

  suite.test('a guard gives back one permit, once', async ({ mp }) => {
    const semaphore = new mp.Semaphore(2)
    const first = await semaphore.acquire()
    const second = await semaphore.acquire()
    expect(first.ownerDied).toBe(false)
    first.release()
    first.release()
    first[Symbol.dispose]()
    expect(semaphore.value).toBe(1)
    second.release()
    expect(semaphore.value).toBe(2)
  })

  suite.test('using gives back at the end of the scope, also where it throws', async ({ mp }) => {
    const semaphore = new mp.Semaphore(2)
    const failing = async () => {
      using _first = await semaphore.acquire()
      using _second = semaphore.tryAcquire()
      expect(semaphore.value).toBe(0)
      throw new Error('inside')
    }
    expect(await thrown(failing)).toMatchObject({ message: 'inside' })
    expect(semaphore.value).toBe(2)
  })

  suite.test('runExclusive holds a permit until what it ran has settled', async ({ mp }) => {
    const semaphore = new mp.Semaphore(2)
    const inside = async () => {
      await new Promise(setImmediate)
      return semaphore.value
    }
    expect(await semaphore.runExclusive(inside)).toBe(1)
    expect(semaphore.value).toBe(2)
    const error = new Error('inside')
    expect(await thrown(() => semaphore.runExclusive(() => Promise.reject(error)))).toBe(error)
    expect(semaphore.value).toBe(2)
    for (const fn of [undefined, null, 'fn', {}]) {
      expect(thrownAtOnce(() => semaphore.runExclusive(fn as never))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => semaphore.runExclusiveSync(fn as never))).toBeInstanceOf(TypeError)
    }
    expect(semaphore.value).toBe(2)
  })

  suite.test(
    'runExclusiveSync holds a permit while it runs',
    ({ mp }) => {
      const semaphore = new mp.Semaphore(2)
      expect(semaphore.runExclusiveSync(() => semaphore.value)).toBe(1)
      const error = new Error('inside')
      const fail = () => {
        throw error
      }
      expect(thrownAtOnce(() => semaphore.runExclusiveSync(fail))).toBe(error)
      expect(semaphore.value).toBe(2)
    },
    { sync: true },
  )

  suite.test('any agent may release, whoever acquired', async ({ mp }) => {
    const semaphore = new mp.Semaphore(0)
    const waits = [semaphore.acquire(), semaphore.acquire(), semaphore.acquire()]
    await allEndWell([new mp.Process({ target: giveMany, args: [semaphore, 5] }).start()])
    await Promise.all(waits)
    expect(semaphore.value).toBe(2)
  })

  suite.test('a BoundedSemaphore is a Semaphore, and says what it is', ({ mp }) => {
    const [plain, bounded]: Semaphore[] = [new mp.Semaphore(3), new mp.BoundedSemaphore(3)]
    expect([plain instanceof mp.Semaphore, plain instanceof mp.BoundedSemaphore]).toEqual([true, false])
    expect([bounded instanceof mp.Semaphore, bounded instanceof mp.BoundedSemaphore]).toEqual([true, true])
    expect([inspect(plain), inspect(bounded)]).toEqual(['Semaphore { value: 3 }', 'BoundedSemaphore { value: 3 }'])
  })
}
