import type { Guard } from '../../../src/contracts/lock.js'
import type { Actor, Program } from '../actor.js'
import { type Mishaps, type Monitor, OBJECTS_AT, type Scenario } from '../scenario.js'

/** A lock, and a counter that whoever holds it reads and writes back. */
const LOCK = OBJECTS_AT
export const COUNTER = OBJECTS_AT + 16

/** The critical section. */
function inside(actor: Actor, guard: Guard): void {
  actor.cut('inside', guard.ownerDied)
  actor.note('enters', guard.ownerDied ? 1 : 0)
  const seen = actor.load(COUNTER)
  actor.store(COUNTER, seen + 1)
  actor.cut('leaves')
  actor.note('leaves')
  guard.release()
}

export const acquire: Program = (actor) => inside(actor, actor.lock(LOCK).acquireSync())

/** Takes it over from a dead holder. */
export const steal: Program = (actor) => inside(actor, actor.lock(LOCK, true).acquireSync())

const inTime =
  (steals: boolean): Program =>
  (actor) => {
    const { subject } = actor
    try {
      const guard = actor.lock(LOCK, steals).acquireSync(actor.timed())
      actor.untimed()
      inside(actor, guard)
    } catch (error) {
      if (!(error instanceof subject.TimeoutError)) throw error
    }
  }
export const acquireInTime = inTime(false)
export const stealInTime = inTime(true)

/** Is content to learn that the holder is dead. */
export const acquireOrLearn: Program = (actor) => {
  const { subject } = actor
  try {
    inside(actor, actor.lock(LOCK).acquireSync())
  } catch (error) {
    if (!(error instanceof subject.OwnerDiedError)) throw error
    actor.note('learns of a death')
  }
}

export const tryAcquire: Program = (actor) => {
  const guard = actor.lock(LOCK).tryAcquire()
  if (guard) inside(actor, guard)
}

/** Takes it if it is free or its holder dead. */
export const trySteal: Program = (actor) => {
  const guard = actor.lock(LOCK, true).tryAcquire()
  if (guard) inside(actor, guard)
}

/** Acquires with the event loop running, several at once, of whom some may leave. */
export function acquireAsync(...leaves: readonly ('never' | 'expires' | 'aborts')[]): Program {
  return (actor) => {
    const lock = actor.lock(LOCK, true)
    void actor.waiters
    for (const how of leaves) {
      const options = how === 'expires' ? actor.timed() : how === 'aborts' ? { signal: actor.signal() } : undefined
      lock.acquire(options).then(
        (guard) => inside(actor, guard),
        () => actor.note('gives up'),
      )
    }
  }
}

/** Acquires, and releases in another turn of the event loop. */
export const acquireAcrossTurns: Program = (actor) => {
  void actor.waiters
  actor
    .lock(LOCK, true)
    .acquire()
    .then((guard) => {
      actor.note('enters', guard.ownerDied ? 1 : 0)
      const seen = actor.load(COUNTER)
      actor.later(() => {
        actor.store(COUNTER, seen + 1)
        actor.note('leaves')
        guard.release()
      })
    })
}

/** Releases what another agent acquired: legal, as in Python. */
export const release: Program = (actor) => actor.lock(LOCK).release()

/** As `release`, where it may be free already. */
export const releaseIfHeld: Program = (actor) => {
  const { subject } = actor
  try {
    actor.lock(LOCK).release()
    actor.note('releases')
  } catch (error) {
    if (!(error instanceof subject.NotOwnerError)) throw error
  }
}

const NOBODY = 0
const DEAD = -1
/** Who is inside (agent + 1), sections done, deaths, releases of what was held from the beginning. */
const monitor: Monitor = {
  initial: [NOBODY, 0, 0, 0],
  noted(ghost, agent, event, value) {
    const [inside, , deaths] = ghost as [number, number, number]
    if (event === 'enters') {
      if (inside > 0) return `enters while ${String.fromCharCode(64 + inside)} is inside`
      if (inside === DEAD && value === 0) return 'enters after one who died inside, and is not told'
      if (value === 1 && deaths === 0) return 'is told that the holder died, but nobody did'
      ghost[0] = agent + 1
    } else if (event === 'leaves') {
      if (inside !== agent + 1) return 'leaves, but was not inside'
      ghost[0] = NOBODY
      ghost[1] = (ghost[1] as number) + 1
    } else if (event === 'releases') {
      ghost[3] = (ghost[3] as number) + 1
      if (ghost[3] > 1) return `the lock was acquired once and released ${ghost[3]} times`
    } else if (event === 'learns of a death' && deaths === 0) return 'is told that the holder died, but nobody did'
    return undefined
  },
  died(ghost, agent) {
    ghost[2] = (ghost[2] as number) + 1
    if (ghost[0] === agent + 1) ghost[0] = DEAD
  },
}

interface Start {
  /** Where the gate's counter begins. */
  readonly gate?: number
  /** Whether the first agent has the lock already. */
  readonly held?: boolean
  /** As in `Scenario`. */
  readonly apart?: number
}

export function lock(
  name: string,
  agents: readonly (readonly Program[])[],
  mishaps: Mishaps = {},
  { gate = 0, held = false, apart = 1 }: Start = {},
): Scenario {
  return {
    name: `lock: ${name}`,
    apart,
    agents,
    mishaps,
    monitor,
    prepare(actor, label) {
      label(LOCK, 'lock')
      label(LOCK + 1, 'gate')
      label(LOCK + 2, 'bells')
      label(LOCK + 3, 'turns')
      label(COUNTER, 'counter')
      if (gate !== 0) actor.words[LOCK + 1] = gate
      if (held) actor.lock(LOCK).tryAcquire()
    },
    mayWait: () => false,
    atRest(look) {
      const word = look.load(LOCK)
      if (!look.anyDied) {
        if (word !== 0) return `nobody is left, but the lock's word is ${word}, not free`
        if (look.load(COUNTER) !== look.ghost[1]) return `the counter is ${look.load(COUNTER)} after ${look.ghost[1]} sections`
      }
      // Whoever comes next gets it without waiting: from the dead, if need be.
      const { refused } = look.attempt((actor) => {
        actor.lock(LOCK, true).acquireSync()
      })
      return refused && `nobody is left, but one more could not acquire: ${refused}`
    },
  }
}
