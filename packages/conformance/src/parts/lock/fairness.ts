import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { compete } from '../../workers/locking.js'

const CONTENDERS = 4

/** Nobody starves: under four contenders each gets at least a tenth of its fair share. */
export function fairness(suite: Suite): void {
  const forms = formsOf(suite.capabilities)
  for (const form of forms) contend(suite, form, Array<Form>(CONTENDERS).fill(form), form === 'sync' ? 500_000 : 100_000)
  if (forms.length > 1) contend(suite, 'two sync, two async', ['sync', 'async', 'sync', 'async'], 200_000)
}

function contend(suite: Suite, title: string, forms: readonly Form[], total: number): void {
  suite.test(`four contenders, each at least a tenth of its fair share (${title})`, async ({ mp }) => {
    const lock = new mp.Lock()
    const turns = new mp.Array('int32', 2 * CONTENDERS, { lock: false })
    const contenders = forms.map((form, me) => {
      return new mp.Process({ target: compete, args: [lock, turns, CONTENDERS, me, total, form] }).start()
    })
    expect(await Promise.all(contenders.map((one) => one.join()))).toEqual(forms.map(() => 0))
    const own = [...turns.subarray(0, CONTENDERS)]
    expect(own.reduce((sum, one) => sum + one, 0)).toBe(total)
    expect(Math.min(...own), `of ${total} turns they had ${own.join(', ')}`).toBeGreaterThanOrEqual(total / CONTENDERS / 10)
  })
}
