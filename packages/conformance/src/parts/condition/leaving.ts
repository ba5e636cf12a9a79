import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { Waiters } from '../../support/waiters.js'

/** Waiters that leave before they are notified, or at that very moment, absorb no notification. */
export function leaving(suite: Suite): void {
  suite.test('those whose time has run out are passed over', async ({ mp }) => {
    const condition = new mp.Condition()
    const waiters = new Waiters(mp, condition)
    for (const form of formsOf(suite.capabilities)) {
      await waiters.add('impatient', form, 1)
      expect(await waiters.next()).toEqual(['impatient', false, true])
      const staying = condition.runExclusive(() => condition.wait())
      await condition.runExclusive(() => condition.notify())
      expect(await staying).toBe(true)
    }
    await allEndWell(waiters.processes)
  })

  suite.test('one that is aborted when it has been notified already passes that on', async ({ mp, abortController }) => {
    const condition = new mp.Condition()
    const controller = abortController()
    const aborted = condition.runExclusive(() => condition.wait({ signal: controller.signal })).catch((reason) => reason)
    const staying = condition.runExclusive(() => condition.wait())
    await condition.runExclusive(() => {
      condition.notify()
      controller.abort('enough')
    })
    expect(await aborted).toBe('enough')
    expect(await staying).toBe(true)
  })

  suite.test(
    'one notification, and waits that end at that very moment: exactly one has it',
    async ({ mp, until, abortController }) => {
      const random = randomFrom(11)
      for (let round = 0; round < 300; round++) {
        const condition = new mp.Condition(new mp.Lock())
        const controller = abortController()
        let notified = 0
        const wait = async (options: object) => {
          using _guard = await condition.acquire()
          if (await condition.wait(options).catch(onlyAborted)) notified++
        }
        const waits = [
          wait({ timeout: random() * 2 }),
          wait({ signal: controller.signal }),
          wait({ timeout: random() * 2, signal: controller.signal }),
          wait({}),
        ]
        const abort = setTimeout(() => controller.abort('abort'), random() * 2)
        await new Promise((resolve) => setTimeout(resolve, random() * 2))
        await condition.runExclusive(() => condition.notify())
        await until(() => notified > 0, 'the one notification')
        await Promise.all(waits.slice(0, 3))
        expect(notified).toBe(1)
        await condition.runExclusive(() => condition.notifyAll())
        await Promise.all(waits)
        clearTimeout(abort)
      }
    },
  )
}

function onlyAborted(reason: unknown): false {
  if (reason !== 'abort') throw reason
  return false
}
