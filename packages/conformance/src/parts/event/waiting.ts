import { getEventListeners } from 'node:events'
import type { Event, WaitOptions } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'

/** Waits that run out of time or are called off, and arguments that are none. */
export function waiting(suite: Suite): void {
  const { sync } = suite.capabilities

  suite.test('a wait that runs out of time gives false, not before its time', async ({ mp }) => {
    const event = new mp.Event()
    for (const [form, wait] of Object.entries(forms(event, sync))) {
      for (const timeout of [0, 0.5, 20]) {
        const start = performance.now()
        expect(await wait({ timeout }), form).toBe(false)
        expect(performance.now() - start, form).toBeGreaterThanOrEqual(timeout)
        expect(mp.usage().waits, form).toBe(0)
      }
    }
    event.set()
    for (const wait of Object.values(forms(event, sync))) expect(await wait({ timeout: 0 })).toBe(true)
  })

  suite.test('waits expire each at its own time, and the others are released', async ({ mp }) => {
    const event = new mp.Event()
    const ended: unknown[] = []
    const waits = [300, 20, 150].map((timeout) => event.wait({ timeout }).then((released) => ended.push([timeout, released])))
    const patient = [1, 2].map(() => event.wait({ timeout: 2 ** 40 }))
    await Promise.all(waits)
    expect(ended).toEqual([
      [20, false],
      [150, false],
      [300, false],
    ])
    expect(mp.usage().waits).toBe(2)
    event.set()
    expect(await Promise.all(patient)).toEqual([true, true])
  })

  suite.test('what is no time, no signal or no object is refused at the call', ({ mp, abortController }) => {
    const event = new mp.Event()
    const { signal } = abortController()
    for (const [form, wait] of Object.entries(forms(event, sync))) {
      const refused = (options: unknown) => thrownAtOnce(() => wait(options as WaitOptions))
      for (const timeout of [Number.NaN, null, '10', 10n, true]) {
        expect(refused({ timeout }), `${form}, ${String(timeout)}`).toBeInstanceOf(TypeError)
      }
      for (const timeout of [-1, Number.NEGATIVE_INFINITY]) expect(refused({ timeout }), form).toBeInstanceOf(RangeError)
      for (const options of [null, 10, 'now', () => {}]) expect(refused(options), form).toBeInstanceOf(TypeError)
      for (const bad of [null, {}, new EventTarget()]) expect(refused({ signal: bad }), form).toBeInstanceOf(TypeError)
      if (form.endsWith('Sync')) expect(refused({ signal }), form).toBeInstanceOf(TypeError)
      expect(mp.usage().waits, form).toBe(0)
    }
  })

  suite.test('an abort ends the wait with its reason, and no other wait', async ({ mp, abortController }) => {
    const event = new mp.Event()
    const controller = abortController()
    const { signal } = controller
    const aborted = thrown(() => event.wait({ signal }))
    const others = [event.wait(), event.wait({ signal: abortController().signal })]
    expect(mp.usage().waits).toBe(3)
    const reason = { why: 'never mind' }
    controller.abort(reason)
    expect(await aborted).toBe(reason)
    expect([mp.usage().waits, getEventListeners(signal, 'abort')]).toEqual([2, []])
    event.set()
    expect(await Promise.all(others)).toEqual([true, true])
    expect(await thrown(() => event.wait({ signal })), 'aborted already, though it is up').toBe(reason)
  })
}

function forms(event: Event, sync: boolean): Record<string, (options: WaitOptions) => Promise<boolean> | boolean> {
  return {
    wait: (options) => event.wait(options),
    ...(sync ? { waitSync: (options: WaitOptions) => event.waitSync(options) } : {}),
  }
}
