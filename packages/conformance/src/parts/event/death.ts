import type { Process } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { randomMoment } from '../../support/moments.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { raise, waitAndTell } from '../../workers/events.js'

/** Agents that die while they wait, or raise it. In Python the next `set()` hangs. */
export function death(suite: Suite): void {
  for (const form of formsOf(suite.capabilities)) {
    suite.test(`a waiter that dies keeps nobody from being released (${form})`, async ({ mp }) => {
      const random = randomFrom(9)
      for (let round = 0; round < 5; round++) {
        const event = new mp.Event()
        const told = new mp.Queue<string | boolean>()
        const waiters = [1, 2, 3].map(() => new mp.Process({ target: waitAndTell, args: [event, told, form] }).start())
        const [victim, ...others] = waiters as [Process, Process, Process]
        for (const _ of waiters) expect(await told.get()).toBe('waiting')
        if (round % 2 === 0) {
          victim.kill()
          await randomMoment(random, 1)
          event.set()
        } else {
          event.set()
          await randomMoment(random, 0.3)
          victim.kill()
        }
        await victim.join()
        await allEndWell(others)
        expect(event.isSet).toBe(true)
      }
    })

    suite.test(`one that dies while it raises it has raised it for all, or for none (${form})`, async ({ mp }) => {
      const random = randomFrom(4)
      for (let round = 0; round < 5; round++) {
        const event = new mp.Event()
        const told = new mp.Queue<string | boolean>()
        const waiters = [1, 2].map(() => new mp.Process({ target: waitAndTell, args: [event, told, form] }).start())
        for (const _ of waiters) expect(await told.get()).toBe('waiting')
        const raiser = new mp.Process({ target: raise, args: [event] }).start()
        await randomMoment(random, 40)
        raiser.kill()
        await raiser.join()
        if (!event.isSet) event.set()
        await allEndWell(waiters)
      }
    })
  }
}
