import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { waitAndTell, waitImpatiently, waitOften } from '../../workers/events.js'

/** Who is released, and when. */
export function releases(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('set() followed at once by clear() releases everyone who was waiting here, and nobody else', async ({ mp }) => {
    const event = new mp.Event()
    for (let round = 0; round < 50; round++) {
      const before = [event.wait(), event.wait(), event.wait({ timeout: 10_000 })]
      event.set()
      event.clear()
      const after = event.wait({ timeout: 0 })
      expect([event.isSet, await after]).toEqual([false, false])
      expect(await Promise.all(before)).toEqual([true, true, true])
    }
    expect(mp.usage().waits).toBe(0)
  })

  suite.test('set() followed at once by clear() releases everyone who was waiting elsewhere', async ({ mp }) => {
    const event = new mp.Event()
    const told = new mp.Queue<string | boolean>()
    const waiters = [1, 2, 3].map(() => new mp.Process({ target: waitAndTell, args: [event, told, 'async'] }).start())
    for (const _ of waiters) expect(await told.get()).toBe('waiting')
    event.set()
    event.clear()
    for (const _ of waiters) expect(await told.get()).toBe(true)
    await allEndWell(waiters)
    expect(event.isSet).toBe(false)
  })

  suite.test('set() releases all, sync and async, here and elsewhere', async ({ mp }) => {
    const event = new mp.Event()
    const told = new mp.Queue<string | boolean>()
    const waiters = [...forms, ...forms].map((form) => new mp.Process({ target: waitAndTell, args: [event, told, form] }).start())
    const here = [event.wait(), event.wait()]
    for (const _ of waiters) expect(await told.get()).toBe('waiting')
    event.set()
    expect(await Promise.all(here)).toEqual([true, true])
    for (const _ of waiters) expect(await told.get()).toBe(true)
    await allEndWell(waiters)
  })

  suite.test('every pulse ends waits, until all that there will ever be are over', async ({ mp, until }) => {
    const event = new mp.Event()
    const [begun, over] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
    const times = 100
    const waiters = [...forms, ...forms].map((form) =>
      new mp.Process({ target: waitOften, args: [event, begun, over, times, form] }).start(),
    )
    const all = waiters.length * times
    await until(() => {
      for (let n = 0; n < 10; n++) {
        event.set()
        event.clear()
      }
      return over.value === all
    }, 'the end of all waits')
    await allEndWell(waiters)
    expect([begun.value, over.value, event.isSet]).toEqual([all, all, false])
  })

  for (const form of forms) {
    suite.test(`waiters that time out strand none that waits on (${form})`, async ({ mp, until }) => {
      const event = new mp.Event()
      const [stop, count] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const [begun, over] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const impatient = [1, 2].map((seed) =>
        new mp.Process({ target: waitImpatiently, args: [event, stop, count, form, seed] }).start(),
      )
      const patient = forms.map((other) => new mp.Process({ target: waitOften, args: [event, begun, over, 200, other] }).start())
      await until(() => {
        event.set()
        event.clear()
        return over.value === patient.length * 200 && count.value > 0
      }, 'the end of all waits')
      stop.value = 1
      await allEndWell([...impatient, ...patient])
    })
  }
}
