import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { Waiters } from '../../support/waiters.js'
import { notifyAndEnd } from '../../workers/conditions.js'

/** Waiters that die, before and after they were notified, and notifiers that do. */
export function death(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const form of forms) {
    suite.test(`one that died waiting (${form}) absorbs nothing`, async ({ mp }) => {
      const condition = new mp.Condition()
      const waiters = new Waiters(mp, condition)
      const victims = [await waiters.add('victim', form), await waiters.add('victim', form)]
      const survivor = await waiters.add('survivor', form)
      const here = condition.runExclusive(() => condition.wait())
      for (const victim of victims) victim.kill()
      for (const victim of victims) await victim.join()
      await condition.runExclusive(() => condition.notify())
      expect(await waiters.next()).toEqual(['survivor', true, true])
      await condition.runExclusive(() => condition.notify())
      expect(await here).toBe(true)
      expect(await survivor.join()).toBe(0)
    })

    suite.test(`one that dies between its notification and its return (${form}): the next one has it`, async ({ mp }) => {
      const condition = new mp.Condition()
      const waiters = new Waiters(mp, condition)
      const victims = [await waiters.add('victim', form), await waiters.add('victim', form)]
      const survivor = await waiters.add('survivor', form)
      const here = condition.runExclusive(() => condition.wait())
      await condition.runExclusive(async () => {
        // They cannot return: they need the lock for it.
        condition.notify(2)
        for (const victim of victims) victim.kill()
        for (const victim of victims) await victim.join()
      })
      expect(await waiters.next()).toEqual(['survivor', true, true])
      expect(await here).toBe(true)
      expect(await survivor.join()).toBe(0)
    })
  }

  suite.test('one that dies at any moment of its wait: whoever is left is notified', async ({ mp, within }) => {
    const random = randomFrom(13)
    for (let round = 0; round < 6; round++) {
      const condition = new mp.Condition()
      const waiters = new Waiters(mp, condition)
      const victim = await waiters.add('victim', forms[round % forms.length] ?? 'async')
      const here = condition.runExclusive(() => condition.wait({ timeout: within(20_000) }))
      const end = performance.now() + random()
      await condition.runExclusive(() => condition.notify())
      while (performance.now() < end);
      victim.kill()
      await victim.join()
      const guard = await condition.acquire()
      // If it came to use its notification, there is none for the other one; and it may have done so where it died holding the lock, before it could tell.
      if (waiters.untold > 0 || guard.ownerDied) condition.notify()
      guard.release()
      expect(await here).toBe(true)
    }
  })

  suite.test('a notifier that dies holding the lock has notified', async ({ mp }) => {
    const condition = new mp.Condition()
    const waiters = new Waiters(mp, condition)
    for (const form of forms) await waiters.add('waiter', form)
    for (const _ of forms) {
      const [said, go] = [new mp.Queue(), new mp.Queue()]
      const notifier = new mp.Process({ target: notifyAndEnd, args: [condition, said, go] }).start()
      await said.get()
      notifier.kill()
      await notifier.join()
      expect(await waiters.next()).toEqual(['waiter', true, true])
    }
    await allEndWell(waiters.processes)
  })
}
