import { inspect } from 'node:util'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { raise } from '../../workers/events.js'

/** The flag itself. */
export function basics(suite: Suite): void {
  suite.test('it is down at first; set() raises it, clear() lowers it, and both may be repeated', async ({ mp }) => {
    const event = new mp.Event()
    const seen = () => [event.isSet, inspect(event)]
    expect(seen()).toEqual([false, 'Event { isSet: false }'])
    for (let n = 0; n < 3; n++) {
      event.clear()
      expect(seen()).toEqual([false, 'Event { isSet: false }'])
      for (let twice = 0; twice < 2; twice++) {
        event.set()
        expect(seen()).toEqual([true, 'Event { isSet: true }'])
      }
    }
    event.clear()
    event.clear()
    expect(event.isSet).toBe(false)
  })

  suite.test('while it is up, wait() gives true at once, as often as one asks', async ({ mp }) => {
    const event = new mp.Event()
    event.set()
    for (let n = 0; n < 3; n++) {
      expect(await event.wait()).toBe(true)
      expect(await event.wait({ timeout: 0 })).toBe(true)
      if (suite.capabilities.sync) expect([event.waitSync(), event.waitSync({ timeout: 0 })]).toEqual([true, true])
    }
    expect([event.isSet, mp.usage().waits]).toEqual([true, 0])
  })

  suite.test('what one agent raises is up for all', async ({ mp }) => {
    const event = new mp.Event()
    await allEndWell([new mp.Process({ target: raise, args: [event] }).start()])
    expect(event.isSet).toBe(true)
  })

  suite.test('it is made with new', ({ mp }) => {
    expect(new mp.Event()).toBeInstanceOf(mp.Event)
    expect(thrownAtOnce(() => (mp.Event as unknown as () => void)())).toBeInstanceOf(TypeError)
  })
}
