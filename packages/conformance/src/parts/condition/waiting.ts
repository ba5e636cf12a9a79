import { getEventListeners } from 'node:events'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { notifyAll, waitForState } from '../../workers/conditions.js'

/** What a wait gives, and when it ends. After CPython's `test_timeout`, `test_waitfor`, `test_waitfor_timeout` and `test_wait_result`. */
export function waiting(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('wait() gives true when notified, false when time has run out, and has the lock again', async ({ mp }) => {
    for (const condition of [new mp.Condition(), new mp.Condition(new mp.Lock()), new mp.Condition(new mp.RLock())]) {
      await condition.acquire()
      for (const timeout of [0, 1, 20]) {
        expect(await condition.wait({ timeout })).toBe(false)
        expect(condition.waitSync({ timeout })).toBe(false)
        expect(condition.locked).toBe(true)
      }
      const notifier = new mp.Process({ target: notifyAll, args: [condition] }).start()
      expect(await condition.wait()).toBe(true)
      expect(condition.locked).toBe(true)
      condition.release()
      expect(await notifier.join()).toBe(0)
      const another = new mp.Process({ target: notifyAll, args: [condition] })
      condition.acquireSync()
      another.start()
      expect(condition.waitSync()).toBe(true)
      condition.release()
      expect(await another.join()).toBe(0)
      expect(condition.locked).toBe(false)
    }
  })

  for (const form of forms) {
    suite.test(`waitFor: two agents that take turns (${form})`, async ({ mp }) => {
      const condition = new mp.Condition()
      const state = new mp.Value('int32', -1)
      const other = new mp.Process({ target: waitForState, args: [condition, state, 4, form] }).start()
      await condition.runExclusive(async () => {
        expect(await condition.waitFor(() => state.value === 0)).toBe(true)
      })
      for (let n = 1; n <= 4; n++) {
        await condition.runExclusive(() => {
          state.value = n
          condition.notify()
        })
      }
      await allEndWell([other])
    })
  }

  suite.test('waitFor gives what the predicate gave last, with the lock held at every look', async ({ mp }) => {
    const condition = new mp.Condition()
    let things: string[] = []
    const looks: boolean[] = []
    const waiting = condition.runExclusive(() =>
      condition.waitFor(async () => {
        await new Promise(setImmediate)
        looks.push(condition.locked)
        return things.length > 1 && things
      }),
    )
    for (const thing of ['one', 'two']) {
      await condition.runExclusive(() => {
        things = [...things, thing]
        condition.notifyAll()
      })
    }
    expect(await waiting).toEqual(['one', 'two'])
    expect(looks).toEqual([true, true, true].slice(0, looks.length))
    using _guard = condition.acquireSync()
    expect(condition.waitForSync(() => 'at once')).toBe('at once')
    expect(condition.waitForSync(() => 0, { timeout: 5 })).toBe(0)
    expect(await condition.waitFor(() => '', { timeout: 5 })).toBe('')
  })

  suite.test('the timeout of waitFor is for all its waits together', async ({ mp, within }) => {
    const condition = new mp.Condition()
    const start = performance.now()
    let over = false
    const waiting = condition
      .runExclusive(() => condition.waitFor(() => false, { timeout: 50 }))
      .finally(() => {
        over = true
      })
    // Notified all the time, it would never end if each wait had the whole timeout.
    while (!over && performance.now() < start + within(10_000)) {
      await condition.runExclusive(() => condition.notifyAll())
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(over).toBe(true)
    expect(await waiting).toBe(false)
    expect(performance.now() - start).toBeGreaterThanOrEqual(49)
  })

  suite.test('what the predicate throws is thrown, with the lock held; a promise is none for waitForSync', async ({ mp }) => {
    const condition = new mp.Condition()
    await condition.acquire()
    const error = new Error('of the predicate')
    const fail = () => {
      throw error
    }
    expect(await thrown(() => condition.waitFor(fail))).toBe(error)
    expect(thrownAtOnce(() => condition.waitForSync(fail))).toBe(error)
    expect(thrownAtOnce(() => condition.waitForSync(async () => true))).toBeInstanceOf(TypeError)
    // Nobody awaits it, so its rejection is nobody's: unhandled, it would fail this test.
    expect(thrownAtOnce(() => condition.waitForSync(async () => fail()))).toBeInstanceOf(TypeError)
    for (const none of [undefined, null, true, 'x']) {
      expect(thrownAtOnce(() => condition.waitFor(none as never))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => condition.waitForSync(none as never))).toBeInstanceOf(TypeError)
    }
    expect(condition.locked).toBe(true)
    condition.release()
  })

  suite.test('the timeout is for the notification only: the lock is waited for as long as it takes', async ({ mp, until }) => {
    const condition = new mp.Condition(new mp.Lock())
    await condition.acquire()
    let ended = false
    const waiting = condition.wait({ timeout: 20 }).finally(() => {
      ended = true
    })
    const guard = condition.lock.tryAcquire()
    const late = performance.now() + 60
    await until(() => performance.now() > late, 'the passing of time')
    expect(ended).toBe(false)
    guard?.release()
    expect(await waiting).toBe(false)
    condition.release()
    expect(condition.locked).toBe(false)
  })

  suite.test('an abort rejects with its reason, once the lock is had again', async ({ mp, abortController }) => {
    const condition = new mp.Condition()
    for (const wait of [
      (signal: AbortSignal) => condition.wait({ signal }),
      (signal: AbortSignal) => condition.waitFor(() => false, { signal }),
    ]) {
      const controller = abortController()
      let locked = false
      const waiting = condition.runExclusive(async () => {
        const reason = await thrown(() => wait(controller.signal))
        locked = condition.locked
        return reason
      })
      await condition.runExclusive(async () => {
        controller.abort('enough')
        await new Promise(setImmediate)
        expect(locked).toBe(false)
      })
      expect(await waiting).toBe('enough')
      expect([locked, condition.locked, mp.usage().waits]).toEqual([true, false, 0])
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
      // Aborted already.
      await condition.runExclusive(async () => {
        expect(await thrown(() => wait(controller.signal))).toBe('enough')
        expect(condition.locked).toBe(true)
      })
    }
  })

  suite.test('bad options throw at the call, and the lock stays held', ({ mp, abortController }) => {
    const condition = new mp.Condition()
    using _guard = condition.acquireSync()
    const { signal } = abortController()
    for (const options of [1, 'x', null, { timeout: '1' }, { timeout: null }, { timeout: Number.NaN }] as never[]) {
      expect(thrownAtOnce(() => condition.wait(options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => condition.waitSync(options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => condition.waitFor(() => false, options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => condition.waitForSync(() => false, options))).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => condition.wait({ timeout: -1 }))).toBeInstanceOf(RangeError)
    expect(thrownAtOnce(() => condition.waitSync({ signal } as never))).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => condition.waitForSync(() => false, { signal } as never))).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => condition.wait({ signal: {} as never }))).toBeInstanceOf(TypeError)
    expect(condition.locked).toBe(true)
  })

  suite.test('a predicate whose promise never settles is not waited for longer than asked', async ({ mp, abortController }) => {
    const condition = new mp.Condition()
    await condition.runExclusive(async () => {
      let calls = 0
      const pending = () => (calls++ === 0 ? 0 : new Promise<number>(() => {}))
      setTimeout(() => void condition.runExclusive(() => condition.notifyAll()), 5)
      expect(await condition.waitFor(pending, { timeout: 50 })).toBe(0)
      const controller = abortController()
      const aborted = thrown(() => condition.waitFor(() => new Promise(() => {}), { signal: controller.signal }))
      controller.abort('enough')
      expect(await aborted).toBe('enough')
      const own = abortController()
      const abort = () => {
        own.abort('by itself')
        return new Promise(() => {})
      }
      expect(await thrown(() => condition.waitFor(abort, { signal: own.signal }))).toBe('by itself')
      expect(condition.locked).toBe(true)
    })
    expect(condition.locked).toBe(false)
  })
}
