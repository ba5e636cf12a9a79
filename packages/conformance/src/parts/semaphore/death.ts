import type { Process } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { randomMoment } from '../../support/moments.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { takeAndTell, takeMany, takeUntil } from '../../workers/permits.js'

/** Agents that die while they hold permits, or wait for them. */
export function death(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('the permits of an agent that ends are not given back', async ({ mp }) => {
    const semaphore = new mp.Semaphore(5)
    for (const form of forms) await allEndWell([new mp.Process({ target: takeMany, args: [semaphore, 2, form] }).start()])
    expect(semaphore.value).toBe(5 - 2 * forms.length)
  })

  for (const form of forms) {
    suite.test(`permits given while a waiter dies are there for the others (${form})`, async ({ mp, until }) => {
      const random = randomFrom(3)
      for (let round = 0; round < 6; round++) {
        const semaphore = new mp.Semaphore(0)
        const told = new mp.Queue<string>()
        const waiters = [1, 2, 3].map(() => new mp.Process({ target: takeAndTell, args: [semaphore, told, form] }).start())
        const [victim, ...others] = waiters as [Process, Process, Process]
        for (const _ of waiters) expect(await told.get()).toBe('waiting')
        semaphore.release(2)
        await randomMoment(random, 0.5)
        victim.kill()
        await victim.join()
        await until(() => semaphore.value === 0, 'the taking of all permits')
        // For one of the others, if the dead had taken one.
        semaphore.release()
        await allEndWell(others)
        expect(semaphore.value).toBeLessThanOrEqual(1)
      }
    })
  }

  suite.test('waiters killed at random moments strand none', async ({ mp, until }) => {
    const random = randomFrom(5)
    const semaphore = new mp.Semaphore(1)
    const [stop, turns] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
    const survivors = [...forms, ...forms].map((form) =>
      new mp.Process({ target: takeUntil, args: [semaphore, stop, turns, form] }).start(),
    )
    for (let round = 0; round < 8; round++) {
      const own = new mp.Value('int32', 0)
      const form = forms[round % forms.length] ?? 'async'
      const victim = new mp.Process({ target: takeUntil, args: [semaphore, stop, own, form] }).start()
      await until(() => own.value > 0, 'the first turn of the victim')
      await randomMoment(random, 3)
      victim.kill()
      await victim.join()
      const before = turns.value
      let looks = 0
      await until(() => {
        // It has died with the permit. Where there is one, somebody must take it.
        if (++looks % 100 === 0 && semaphore.value === 0) semaphore.release()
        return turns.value > before
      }, 'a turn of one who survived')
    }
    stop.value = 1
    await allEndWell(survivors)
    expect(semaphore.value).toBeGreaterThanOrEqual(1)
  })
}
