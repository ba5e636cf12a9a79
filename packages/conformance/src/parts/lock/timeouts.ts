import { type Lock, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'

/** Waits that run out of time, and times that are none. */
export function timeouts(suite: Suite): void {
  suite.test('timeout 0 tries once', async ({ mp }) => {
    const lock = new mp.Lock()
    for (const [form, runs] of Object.entries(waitingForms(lock))) {
      const holder = lock.acquireSync()
      expect(await thrown(() => runs({ timeout: 0 })), form).toMatchObject({ constructor: TimeoutError, code: 'MP_TIMEOUT' })
      holder.release()
      await runs({ timeout: 0 })
      expect(lock.locked, form).toBe(false)
    }
  })

  suite.test('a finite timeout ends in a TimeoutError, not before its time, and leaves the lock alone', async ({ mp }) => {
    const lock = new mp.Lock()
    const holder = lock.acquireSync()
    for (const [form, runs] of Object.entries(waitingForms(lock))) {
      for (const timeout of [0.5, 20]) {
        const start = performance.now()
        expect(await thrown(() => runs({ timeout })), form).toBeInstanceOf(TimeoutError)
        expect(performance.now() - start, form).toBeGreaterThanOrEqual(timeout)
        expect([lock.locked, mp.usage().waits], form).toEqual([true, 0])
      }
    }
    holder.release()
    expect(lock.locked).toBe(false)
  })

  suite.test('what runExclusive was to run does not run when time is out', async ({ mp }) => {
    const lock = new mp.Lock()
    using _held = lock.acquireSync()
    let ran = 0
    expect(await thrown(() => lock.runExclusive(() => ran++, { timeout: 1 }))).toBeInstanceOf(TimeoutError)
    expect(thrownAtOnce(() => lock.runExclusiveSync(() => ran++, { timeout: 1 }))).toBeInstanceOf(TimeoutError)
    expect(ran).toBe(0)
  })

  suite.test('waits in one line expire each at its own time', async ({ mp }) => {
    const lock = new mp.Lock()
    const holder = lock.acquireSync()
    const expired: number[] = []
    const waits = [300, 20, 150].map((timeout) => lock.acquire({ timeout }).catch(() => expired.push(timeout)))
    const patient = lock.acquire()
    await Promise.all(waits)
    expect(expired).toEqual([20, 150, 300])
    expect(mp.usage().waits).toBe(1)
    holder.release()
    ;(await patient).release()
  })

  suite.test('undefined, Infinity and timeouts beyond the longest timer wait on', async ({ mp }) => {
    for (const timeout of [undefined, Number.POSITIVE_INFINITY, 2 ** 31 - 1, 2 ** 31, 2 ** 40, Number.MAX_VALUE]) {
      const lock = new mp.Lock()
      const holder = lock.acquireSync()
      const waiting = lock.acquire({ timeout })
      let settled = false
      waiting.then(
        () => (settled = true),
        () => (settled = true),
      )
      // A timer that overflowed fires after 1 ms, so before this one does.
      expect(await thrown(() => lock.acquire({ timeout: 10 }))).toBeInstanceOf(TimeoutError)
      expect(settled, `timeout ${timeout}`).toBe(false)
      holder.release()
      ;(await waiting).release()
    }
  })

  suite.test('what is no time is refused at the call, and nothing is taken', async ({ mp }) => {
    const lock = new mp.Lock()
    for (const [form, runs] of Object.entries(waitingForms(lock))) {
      for (const timeout of [Number.NaN, null, '10', 10n, true, {}, Symbol('10')]) {
        const error = thrownAtOnce(() => runs({ timeout: timeout as never }))
        expect(error, `${form}, ${String(timeout)}`).toBeInstanceOf(TypeError)
        expect((error as Error).message).toMatch(/timeout/)
      }
      for (const timeout of [-1, -0.001, Number.NEGATIVE_INFINITY]) {
        const error = thrownAtOnce(() => runs({ timeout }))
        expect(error, `${form}, ${timeout}`).toBeInstanceOf(RangeError)
        expect((error as Error).message).toContain(String(timeout))
      }
      for (const options of [null, 10, '10', true, () => {}]) {
        expect(
          thrownAtOnce(() => runs(options as never)),
          `${form}, ${String(options)}`,
        ).toBeInstanceOf(TypeError)
      }
      expect([lock.locked, mp.usage().waits]).toEqual([false, 0])
    }
  })

  suite.test('a signal is refused by the sync forms', async ({ mp, abortController }) => {
    const lock = new mp.Lock()
    const { signal } = abortController()
    for (const [form, runs] of Object.entries(waitingForms(lock)).filter(([form]) => form.endsWith('Sync'))) {
      expect(
        thrownAtOnce(() => runs({ signal })),
        form,
      ).toBeInstanceOf(TypeError)
    }
    expect(lock.locked).toBe(false)
  })
}

/** Every form that can wait: acquires, with these options, and releases. */
function waitingForms(lock: Lock): Record<string, (options: Parameters<Lock['acquire']>[0]) => Promise<void> | void> {
  return {
    acquire: (options) => lock.acquire(options).then((guard) => guard.release()),
    acquireSync: (options) => lock.acquireSync(options).release(),
    recover: (options) => lock.recover(options).then((guard) => guard.release()),
    recoverSync: (options) => lock.recoverSync(options).release(),
    runExclusive: (options) => lock.runExclusive(() => {}, options),
    runExclusiveSync: (options) => lock.runExclusiveSync(() => {}, options),
  }
}
