import type { Context } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { handOn } from '../../workers/events.js'

const MANY = 16
const OPERATIONS = 100_000

/** The turn goes round by events: one that is lost is a hang, one too many shows in the count. */
export function crowds(suite: Suite): void {
  const forms = formsOf(suite.capabilities)
  for (const one of forms) {
    for (const other of forms) {
      suite.test(`two agents hand a turn to and fro (${one}, ${other})`, ({ mp }) => round(mp, [one, other], 2_000, 1))
    }
  }

  suite.test('16 agents in pairs, 10^5 turns', ({ mp }) => {
    const agents = Array.from({ length: MANY }, (_, n) => forms[(n >> 1) % forms.length] as Form)
    return round(mp, agents, OPERATIONS / MANY, MANY / 2)
  })
}

/** Agents in rings of `size / rings`, each of which hands a turn round `times` times. */
async function round(mp: Context, forms: readonly Form[], times: number, rings: number): Promise<void> {
  const size = forms.length / rings
  const processes = Array.from({ length: rings }, (_, ring) => {
    const events = Array.from({ length: size }, () => new mp.Event())
    const turns = new mp.Value('int32', 0)
    const agents = events.map((mine, n) => {
      const next = events[(n + 1) % size] as typeof mine
      return new mp.Process({ target: handOn, args: [mine, next, turns, times, forms[ring * size + n] as Form] }).start()
    })
    events[0]?.set()
    return { agents, turns, events }
  })
  await allEndWell(processes.flatMap(({ agents }) => agents))
  for (const { turns, events } of processes) {
    expect(turns.value).toBe(size * times)
    expect(events.map(({ isSet }) => isSet)).toEqual(events.map((_, n) => n === 0))
  }
}
