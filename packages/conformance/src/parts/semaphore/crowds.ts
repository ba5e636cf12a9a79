import type { Context } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { giveMany, Noted, takeMany, visit } from '../../workers/permits.js'

const MANY = 16
const OPERATIONS = 100_000

/** Never more inside than there are permits; none lost, none gained. */
export function crowds(suite: Suite): void {
  const forms = formsOf(suite.capabilities)
  for (const form of forms) {
    for (const permits of [1, 3]) {
      suite.test(`five agents, at most ${permits} at a time (${form})`, async ({ mp }) => {
        await visited(mp, Array(5).fill(form), permits, form === 'sync' ? 3_000 : 1_000)
      })
    }
  }

  suite.test('sync and async mixed, at most 2 at a time', async ({ mp }) => {
    await visited(mp, [...forms, ...forms, ...forms], 2, 1_000)
  })

  suite.test('16 agents, 10^5 visits', async ({ mp }) => {
    const agents = Array.from({ length: MANY }, (_, n) => forms[n % forms.length] as Form)
    await visited(mp, agents, 3, OPERATIONS / MANY)
  })

  suite.test('16 agents, half of which give 10^5 permits that the others take', async ({ mp }) => {
    const semaphore = new mp.Semaphore(0)
    const each = OPERATIONS / (MANY / 2)
    const agents = Array.from({ length: MANY / 2 }, (_, n) => [
      new mp.Process({ target: takeMany, args: [semaphore, each, forms[n % forms.length] as Form] }),
      new mp.Process({ target: giveMany, args: [semaphore, each] }),
    ]).flat()
    await allEndWell(agents.map((one) => one.start()))
    expect(semaphore.value).toBe(0)
  })
}

async function visited(mp: Context, forms: readonly Form[], permits: number, times: number): Promise<void> {
  const semaphore = new mp.BoundedSemaphore(permits)
  const notes = new mp.Array('int32', 3, { lock: false })
  await allEndWell(forms.map((form) => new mp.Process({ target: visit, args: [semaphore, notes, times, form] }).start()))
  expect([notes[Noted.inside], notes[Noted.entries], semaphore.value]).toEqual([0, forms.length * times, permits])
  expect(notes[Noted.most]).toBeGreaterThan(0)
  expect(notes[Noted.most]).toBeLessThanOrEqual(permits)
}
