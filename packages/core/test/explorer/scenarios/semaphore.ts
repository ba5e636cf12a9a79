import { SLOT_WORDS, SLOTS_AT } from '../../../src/memory/layout.js'
import { Slot } from '../../../src/process/family.js'
import type { Actor, Program } from '../actor.js'
import { type Mishaps, type Monitor, OBJECTS_AT, type Scenario } from '../scenario.js'

/** A semaphore: what is taken and what is given. */
const SEMAPHORE = OBJECTS_AT
const COUNT = SEMAPHORE
const ENTITLED = SEMAPHORE + 4

export const take: Program = (actor) => {
  actor.semaphore(SEMAPHORE).acquireSync()
  actor.note('took')
}

/** Takes a permit unless time runs out. */
export const takeInTime: Program = (actor) => {
  const { subject } = actor
  try {
    actor.semaphore(SEMAPHORE).acquireSync(actor.timed())
    actor.untimed()
    actor.note('took')
  } catch (error) {
    if (!(error instanceof subject.TimeoutError)) throw error
  }
}

export const tryTake: Program = (actor) => {
  if (actor.semaphore(SEMAPHORE).tryAcquire()) actor.note('took')
}

/** With the event loop running, several at once, of whom some may leave. */
export function takeAsync(...leaves: readonly ('never' | 'expires' | 'aborts')[]): Program {
  return (actor) => {
    const semaphore = actor.semaphore(SEMAPHORE)
    void actor.waiters
    for (const how of leaves) {
      const options = how === 'expires' ? actor.timed() : how === 'aborts' ? { signal: actor.signal() } : undefined
      semaphore.acquire(options).then(
        () => actor.note('took'),
        () => actor.note('gave up'),
      )
    }
  }
}

export function give(n = 1): Program {
  return (actor) => {
    actor.note('gives', n)
    actor.semaphore(SEMAPHORE).release(n)
  }
}

/** Gives a permit where the bound leaves room for it. */
export function giveWithin(bound: number): Program {
  return (actor) => {
    try {
      actor.semaphore(SEMAPHORE, bound).release()
      actor.note('gives', 1)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
}

/** Takes a permit, and gives it back by its guard. */
export const pass: Program = (actor) => {
  const guard = actor.semaphore(SEMAPHORE).acquireSync()
  actor.note('took')
  leave(actor, guard)
}

/** As `pass`, unless time runs out. */
export const passInTime: Program = (actor) => {
  const { subject } = actor
  try {
    const guard = actor.semaphore(SEMAPHORE).acquireSync(actor.timed())
    actor.untimed()
    actor.note('took')
    leave(actor, guard)
  } catch (error) {
    if (!(error instanceof subject.TimeoutError)) throw error
  }
}

/** As `pass`, with the event loop running. */
export function passAsync(leaves: 'never' | 'expires' | 'aborts'): Program {
  return (actor) => {
    const options = leaves === 'expires' ? actor.timed() : leaves === 'aborts' ? { signal: actor.signal() } : undefined
    void actor.waiters
    actor
      .semaphore(SEMAPHORE)
      .acquire(options)
      .then(
        (guard) => {
          actor.note('took')
          leave(actor, guard)
        },
        () => actor.note('gave up'),
      )
  }
}

function leave(actor: Actor, guard: { release(): void }): void {
  actor.cut('inside')
  actor.note('gives', 1)
  guard.release()
}

interface Start {
  /** Permits at first; default 0. */
  readonly initial?: number
  /** For `giveWithin`. */
  readonly bound?: number
}

export function semaphore(
  name: string,
  agents: readonly (readonly Program[])[],
  mishaps: Mishaps = {},
  { initial = 0, bound }: Start = {},
): Scenario {
  /** Permits given, permits taken. A gift is noted before it is made, what is taken after. */
  const monitor: Monitor = {
    initial: [initial, 0],
    noted(ghost, _agent, event, value) {
      const [given, taken] = ghost as [number, number]
      if (event === 'gives') ghost[0] = given + value
      if (event === 'took') ghost[1] = taken + 1
      if ((ghost[1] as number) > (ghost[0] as number)) return 'took a permit that nobody gave'
      if (bound !== undefined && (ghost[0] as number) - (ghost[1] as number) > bound) return 'gave a permit beyond the bound'
      return undefined
    },
  }
  return {
    name: `semaphore: ${name}`,
    agents,
    mishaps,
    monitor,
    prepare({ words, subject }, label) {
      for (const [n, word] of ['count', 'gate', 'bells', 'passed', 'entitled'].entries()) label(SEMAPHORE + n, word)
      subject.formatPermits(words, SEMAPHORE, initial)
    },
    mayWait: (look) => look.load(COUNT) === 0,
    atRest(look) {
      if (look.anyDied) return undefined
      const [given, taken] = look.ghost as [number, number]
      if (look.load(COUNT) !== given - taken) return `${given} permits given, ${taken} taken, ${look.load(COUNT)} left`
      for (let agent = 0; agent < agents.length; agent++) {
        const slot = SLOTS_AT + agent * SLOT_WORDS
        if (look.hasEnded(agent) && (look.load(slot + Slot.parkedAt) !== 0 || look.load(slot + Slot.wakingAt) !== 0))
          return 'a note of who is to be woken has outlived what it was about'
      }
      const nobodyWaits = agents.every((_, agent) => look.hasEnded(agent))
      if (nobodyWaits && look.load(ENTITLED) !== 0) return 'nobody is left, but permits are left to somebody'
      return undefined
    },
  }
}
