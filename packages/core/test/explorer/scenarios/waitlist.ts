import type { Suspending, Waiter } from '../../../src/sync/suspend.js'
import type { Actor, Program } from '../actor.js'
import { type Mishaps, type Monitor, OBJECTS_AT, type Scenario } from '../scenario.js'

/**
 * The wait/notify protocol alone, under the least that can be waited for: a number of tokens. One who gives a token wakes one, so a wake-up that is lost,
 * or swallowed by one who leaves, lets somebody wait while there is a token.
 */
const TOKENS = OBJECTS_AT
const WAITLIST = OBJECTS_AT + 1

/** Takes a token, or waits for one. */
function* takeSlow(actor: Actor, waiter: Waiter, what = 'take'): Suspending<boolean> {
  const { words } = actor
  try {
    for (;;) {
      actor.cut(what)
      const ticket = waiter.enlist(words, WAITLIST)
      if (tryTake(actor)) return true
      const resumption = yield { words, at: WAITLIST, ticket, tick: 0 }
      if (resumption === 'aborted') return false
      if (resumption === 'expired') return tryTake(actor)
    }
  } finally {
    waiter.withdraw(words, WAITLIST)
  }
}

function tryTake(actor: Actor): boolean {
  for (;;) {
    const tokens = actor.load(TOKENS)
    if (tokens === 0) return false
    if (actor.compareExchange(TOKENS, tokens, tokens - 1) === tokens) return true
  }
}

export const take: Program = (actor) => {
  const { subject, agent } = actor
  const taken = subject.runSync(agent, takeSlow(actor, subject.syncWaiter(agent)), Number.POSITIVE_INFINITY)
  actor.note(taken ? 'took' : 'left empty-handed')
}

/** Takes a token unless time runs out. */
export const takeInTime: Program = (actor) => {
  const { subject, agent } = actor
  const { timeout } = actor.timed()
  const taken = subject.runSync(agent, takeSlow(actor, subject.syncWaiter(agent)), agent.now() + timeout)
  actor.untimed()
  actor.note(taken ? 'took' : 'left empty-handed')
}

/** As `take`, with the event loop running. */
export function takeAsync(leaves: 'never' | 'expires' | 'aborts'): Program {
  return (actor) => {
    const { subject, agent } = actor
    const line = new subject.Line()
    const deadline = leaves === 'expires' ? agent.now() + actor.timed().timeout : Number.POSITIVE_INFINITY
    const signal = leaves === 'aborts' ? actor.signal() : undefined
    actor.waiters
      .run(line, takeSlow(actor, subject.asyncWaiter(agent)), deadline, signal)
      .then((taken) => actor.note(taken ? 'took' : 'left empty-handed'))
      .catch(() => actor.note('left empty-handed'))
  }
}

/** As `take`, by the bell that the agent's async waiters share. */
export const takeByBell: Program = (actor) => {
  const { subject, agent } = actor
  const taken = subject.runSyncByBell(agent, takeSlow(actor, subject.asyncWaiter(agent), 'by bell'), Number.POSITIVE_INFINITY)
  actor.note(taken ? 'took' : 'left empty-handed')
}

export const takeByBellInTime: Program = (actor) => {
  const { subject, agent } = actor
  const { timeout } = actor.timed()
  const slow = takeSlow(actor, subject.asyncWaiter(agent), 'by bell in time')
  const taken = subject.runSyncByBell(agent, slow, agent.now() + timeout)
  actor.untimed()
  actor.note(taken ? 'took' : 'left empty-handed')
}

/** Blocks the event loop by which another waiter of the same agent is to be told. */
export function takeAsyncThen(blocking: Program): Program {
  return (actor) => {
    takeAsync('never')(actor)
    actor.later(() => blocking(actor))
  }
}

/** Gives a token and wakes one, or gives `count` and wakes all; and leaves word of it, as a ring does, for the case that it dies in between. */
export function give(count = 1): Program {
  return (actor) => {
    const { subject, agent, words } = actor
    agent.noteWake(WAITLIST)
    actor.add(TOKENS, count)
    actor.note('gave', count)
    subject.wake(agent, words, WAITLIST, count === 1 ? 1 : subject.ALL)
    agent.noteWake(0)
  }
}

/** Tokens given, tokens taken. */
const monitor: Monitor = {
  initial: [0, 0],
  noted(ghost, _agent, event, value) {
    if (event === 'gave') ghost[0] = (ghost[0] as number) + value
    if (event === 'took') ghost[1] = (ghost[1] as number) + 1
    return (ghost[1] as number) > (ghost[0] as number) ? 'took a token that nobody gave' : undefined
  },
}

/** @param gate where the gate's counter begins */
export function waitlist(name: string, agents: readonly (readonly Program[])[], mishaps: Mishaps = {}, gate = 0): Scenario {
  return {
    name: `waitlist: ${name}`,
    agents,
    mishaps,
    monitor,
    prepare({ words }, label) {
      label(TOKENS, 'tokens')
      label(WAITLIST, 'gate')
      label(WAITLIST + 1, 'bells')
      if (gate !== 0) words[WAITLIST] = gate
    },
    mayWait: (look) => look.load(TOKENS) === 0,
    atRest(look) {
      const [given, taken] = look.ghost as [number, number]
      if (!look.anyDied && look.load(TOKENS) !== given - taken)
        return `${given} tokens given, ${taken} taken, ${look.load(TOKENS)} left`
      return undefined
    },
  }
}
