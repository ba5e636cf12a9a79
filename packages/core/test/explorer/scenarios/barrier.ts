import type { Arrival, Parties } from '../../../src/sync/parties.js'
import type { Actor, Program } from '../actor.js'
import { type Mishaps, type Monitor, OBJECTS_AT, type Scenario } from '../scenario.js'

/** The parties of a Barrier. */
const PARTIES = OBJECTS_AT
const STATE = PARTIES + 1
const ARRIVED = PARTIES + 2
const BROKEN = 2

/** A new one each time, which knows nothing. */
const partiesOf = ({ subject, agent, words }: Actor): Parties => new subject.Parties(agent, words, PARTIES, PARTIES * 4)

const arriving =
  (acts: boolean, patience: boolean): Program =>
  (actor) => {
    const { subject, agent } = actor
    for (;;) {
      actor.cut('arrives')
      actor.load(STATE)
      actor.note('arrives')
      const arrival = partiesOf(actor).arrive(acts)
      if (arrival.kind === 'refused') return actor.note('finds it broken')
      if (arrival.kind === 'last') return last(actor, arrival)
      const { entry, index, generation } = arrival
      actor.cut('waits', entry.at, index, generation)
      const deadline = patience ? Number.POSITIVE_INFINITY : agent.now() + actor.timed().timeout
      subject.runSync(agent, partiesOf(actor).sleep(entry, subject.syncWaiter(agent)), deadline)
      actor.untimed()
      const released = partiesOf(actor).leave(entry)
      if (!released) return actor.note('is refused', generation)
      if (index >= 0) return actor.note('goes', generation)
      actor.note('was early')
    }
  }

function last(actor: Actor, { acts, generation }: Extract<Arrival, { kind: 'last' }>): void {
  if (!acts) return actor.note('goes', generation)
  actor.cut('acts', generation)
  actor.note(partiesOf(actor).finish(generation, true) ? 'goes' : 'is refused', generation)
}

export const arrive = arriving(false, true)
export const arriveInTime = arriving(false, false)
/** There is something that the last one does. */
export const arriveAndAct = arriving(true, true)
export const reset: Program = (actor) => partiesOf(actor).reset()
export const abort: Program = (actor) => {
  actor.load(STATE)
  actor.note('aborts')
  partiesOf(actor).abort()
}

const MOST_GENERATIONS = 8
const [ARRIVALS, GOING, ABORTS, GENERATIONS] = [0, 1, 2, 3]
const WENT_ON = 1
const REFUSED = 2
/** Arrivals, those who went on, calls of abort(); then of each generation whether some of it went on, and whether some were refused. */
const monitor = (total: number): Monitor => ({
  initial: new Array<number>(GENERATIONS + MOST_GENERATIONS).fill(0),
  noted(ghost, _agent, event, value) {
    const add = (at: number, count: number) => {
      ghost[at] = (ghost[at] as number) + count
    }
    const of = GENERATIONS + value
    if (event === 'arrives') add(ARRIVALS, 1)
    if (event === 'was early') add(ARRIVALS, -1)
    if (event === 'aborts') add(ABORTS, 1)
    if (event === 'is refused') ghost[of] = (ghost[of] as number) | REFUSED
    if (event === 'goes') {
      add(GOING, 1)
      ghost[of] = (ghost[of] as number) | WENT_ON
      if ((ghost[GOING] as number) > Math.floor((ghost[ARRIVALS] as number) / total) * total)
        return 'goes on, though not all had come'
    }
    return ghost[of] === (WENT_ON | REFUSED) ? 'of one generation some went on and some were refused' : undefined
  },
})

export function barrier(name: string, total: number, agents: readonly (readonly Program[])[], mishaps: Mishaps = {}): Scenario {
  return {
    name: `barrier: ${name}`,
    agents,
    mishaps,
    monitor: monitor(total),
    prepare({ subject, words }, label) {
      label(STATE, 'state')
      label(ARRIVED, 'arrived (even)')
      label(ARRIVED + 1, 'arrived (odd)')
      label(PARTIES + 4, 'actor')
      label(PARTIES + 5, 'entries’ mutex')
      label(PARTIES + 9, 'due')
      for (let n = 0; n < 3; n++) {
        label(PARTIES + 12 + n * 4, `entry ${n}`)
        label(PARTIES + 13 + n * 4, `tag ${n}`)
        label(PARTIES + 14 + n * 4, `gate ${n}`)
        label(PARTIES + 15 + n * 4, `bells ${n}`)
      }
      subject.Parties.format(words, PARTIES, total)
    },
    mourn: (actor) => partiesOf(actor).mourn(),
    mayWait(look) {
      const state = look.load(STATE)
      const arrived = look.load(ARRIVED + ((state >>> 3) & 1))
      const waiting = agents.filter((_, agent) => look.isAlive(agent) && !look.hasEnded(agent)).length
      // No more wait than have come and were not told.
      return (state & 3) === 0 && arrived < total && waiting <= arrived
    },
    atRest(look) {
      const state = look.load(STATE)
      const isBroken = (state & 3) === BROKEN
      const refused = ((look.ghost[GENERATIONS + (state >>> 3)] as number) & REFUSED) !== 0
      return isBroken && !refused && !look.anyDied && look.ghost[ABORTS] === 0
        ? 'it is broken, though nobody of that generation was refused'
        : undefined
    },
  }
}
