import { getEventListeners } from 'node:events'
import { type Semaphore, TimeoutError, type WaitOptions } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'

/** Waits that run out of time or are called off, and arguments that are none. */
export function waiting(suite: Suite): void {
  const { sync } = suite.capabilities

  suite.test('a permit that is there is had whatever the time, one that is not is a TimeoutError', async ({ mp }) => {
    const semaphore = new mp.Semaphore(1)
    for (const [form, runs] of Object.entries(forms(semaphore, sync))) {
      await runs({ timeout: 0 })
      expect(semaphore.value, form).toBe(1)
      const held = await semaphore.acquire()
      for (const timeout of [0, 0.5, 20]) {
        const start = performance.now()
        const error = await thrown(() => runs({ timeout }))
        expect(error, form).toMatchObject({ constructor: TimeoutError, code: 'MP_TIMEOUT' })
        expect(performance.now() - start, form).toBeGreaterThanOrEqual(timeout)
        expect([semaphore.value, mp.usage().waits], form).toEqual([0, 0])
      }
      held.release()
    }
  })

  suite.test('waits in one line expire each at its own time, and the others move up', async ({ mp }) => {
    const semaphore = new mp.Semaphore(0)
    const ended: unknown[] = []
    const waits = [300, 20, 150].map((timeout) => semaphore.acquire({ timeout }).catch(() => ended.push(timeout)))
    const patient = [1, 2].map((n) => semaphore.acquire().then(() => ended.push(`patient ${n}`)))
    await Promise.all(waits)
    expect(mp.usage().waits).toBe(2)
    semaphore.release(2)
    await Promise.all(patient)
    expect(ended).toEqual([20, 150, 300, 'patient 1', 'patient 2'])
    expect(semaphore.value).toBe(0)
  })

  suite.test(
    'what is no time, no signal or no object is refused at the call, and nothing is taken',
    ({ mp, abortController }) => {
      const semaphore = new mp.Semaphore(1)
      const { signal } = abortController()
      for (const [form, runs] of Object.entries(forms(semaphore, sync))) {
        const refused = (options: unknown) => thrownAtOnce(() => runs(options as WaitOptions))
        for (const timeout of [Number.NaN, null, '10', 10n, true]) {
          expect(refused({ timeout }), `${form}, ${String(timeout)}`).toBeInstanceOf(TypeError)
        }
        for (const timeout of [-1, Number.NEGATIVE_INFINITY]) expect(refused({ timeout }), form).toBeInstanceOf(RangeError)
        for (const options of [null, 10, 'now', () => {}]) expect(refused(options), form).toBeInstanceOf(TypeError)
        for (const bad of [null, {}, new EventTarget()]) expect(refused({ signal: bad }), form).toBeInstanceOf(TypeError)
        if (form.endsWith('Sync')) expect(refused({ signal }), form).toBeInstanceOf(TypeError)
        expect([semaphore.value, mp.usage().waits], form).toEqual([1, 0])
      }
    },
  )

  suite.test('an abort ends the wait with its reason, and takes nothing', async ({ mp, abortController }) => {
    const semaphore = new mp.Semaphore(0)
    const controller = abortController()
    const { signal } = controller
    const waits = [semaphore.acquire({ signal }), semaphore.runExclusive(() => {}, { signal })].map((one) => thrown(() => one))
    const patient = semaphore.acquire()
    expect(mp.usage().waits).toBe(3)
    const reason = { why: 'never mind' }
    controller.abort(reason)
    expect(await Promise.all(waits)).toEqual([reason, reason])
    expect([mp.usage().waits, getEventListeners(signal, 'abort')]).toEqual([1, []])
    semaphore.release()
    ;(await patient).release()
    expect(semaphore.value).toBe(1)
    expect(await thrown(() => semaphore.acquire({ signal }))).toBe(reason)
    expect(semaphore.value, 'aborted already, before anything is taken').toBe(1)
  })

  suite.test('any number of waits share one listener', async ({ mp, abortController }) => {
    const semaphore = new mp.Semaphore(0)
    const { signal } = abortController()
    const waits = Array.from({ length: 500 }, () => semaphore.acquire({ signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    semaphore.release(500)
    for (const guard of await Promise.all(waits)) guard.release()
    expect([semaphore.value, getEventListeners(signal, 'abort')]).toEqual([500, []])
  })
}

/** Every form that can wait: acquires with these options and gives back. */
function forms(semaphore: Semaphore, sync: boolean): Record<string, (options: WaitOptions) => Promise<void> | void> {
  return {
    acquire: (options) => semaphore.acquire(options).then((guard) => guard.release()),
    runExclusive: (options) => semaphore.runExclusive(() => {}, options),
    ...(sync
      ? {
          acquireSync: (options: WaitOptions) => semaphore.acquireSync(options).release(),
          runExclusiveSync: (options: WaitOptions) => semaphore.runExclusiveSync(() => {}, options),
        }
      : {}),
  }
}
