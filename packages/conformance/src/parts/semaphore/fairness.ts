import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { takeUntilAll } from '../../workers/permits.js'

const CONTENDERS = 4

/** Nobody starves: who has a permit and comes back at once does not keep it from the others. */
export function fairness(suite: Suite): void {
  const forms = formsOf(suite.capabilities)
  for (const form of forms) contend(suite, form, Array<Form>(CONTENDERS).fill(form))
  if (forms.length > 1) contend(suite, 'two sync, two async', ['sync', 'async', 'sync', 'async'])
}

function contend(suite: Suite, title: string, forms: readonly Form[]): void {
  for (const permits of [1, 2]) {
    const times = 2_000
    suite.test(`four contenders for ${permits} never let go until each has had ${times} turns (${title})`, async ({ mp }) => {
      const semaphore = new mp.Semaphore(permits)
      const turns = new mp.Array('int32', CONTENDERS, { lock: false })
      const contenders = forms.map((form, me) => {
        return new mp.Process({ target: takeUntilAll, args: [semaphore, turns, me, times, form] }).start()
      })
      await allEndWell(contenders)
      expect(Math.min(...turns)).toBeGreaterThanOrEqual(times)
      expect(semaphore.value).toBe(permits)
    })
  }
}
