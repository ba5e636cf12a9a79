import type { Entry } from '../../../src/sync/wait-set.js'
import type { Actor, Program } from '../actor.js'
import { type Mishaps, type Monitor, OBJECTS_AT, type Scenario } from '../scenario.js'

/**
 * What a Condition is made of, its waiters' entries, over a bare lock: a number of tokens, of which each waiter wants one. One who gives a token notifies one,
 * so a notification that is lost, or absorbed by one who leaves or dies, lets somebody wait while there is a token.
 */
const LOCK = OBJECTS_AT
const TOKENS = OBJECTS_AT + 8
const NOTICES = OBJECTS_AT + 16
const GRANTED = 2

const acquire = ({ subject, agent, words }: Actor) => void subject.lockNow(agent, words, LOCK)
const release = ({ subject, agent, words }: Actor) => void subject.unlock(agent, words, LOCK)
/** A new one each time, which knows nothing. */
const noticesOf = ({ subject, agent, words }: Actor) => new subject.Notices(agent, words, NOTICES, NOTICES * 4)

/** With the lock held: takes a token, or enlists and releases the lock. */
function begin(actor: Actor): Entry | undefined {
  actor.cut('round')
  const tokens = actor.load(TOKENS)
  if (tokens > 0) {
    actor.store(TOKENS, tokens - 1)
    actor.note('took')
    release(actor)
    return undefined
  }
  const entry = noticesOf(actor).enlist()
  release(actor)
  actor.cut('waits', entry.at)
  return entry
}

/** What `Condition` does once its wait has ended. @returns whether it was notified; then it has the lock */
function end(actor: Actor, entry: Entry): boolean {
  const notified = noticesOf(actor).leave(entry)
  actor.cut('left', entry.at, notified)
  acquire(actor)
  if (notified) {
    noticesOf(actor).acknowledge(entry)
    actor.note('notified')
  }
  return notified
}

const takeIn =
  (patience: boolean): Program =>
  (actor) => {
    const { subject, agent } = actor
    acquire(actor)
    for (let entry = begin(actor); entry; entry = begin(actor)) {
      const deadline = patience ? Number.POSITIVE_INFINITY : agent.now() + actor.timed().timeout
      subject.runSync(agent, noticesOf(actor).sleep(entry, subject.syncWaiter(agent)), deadline)
      actor.untimed()
      if (end(actor, entry) || patience) continue
      release(actor)
      return
    }
  }
/** Takes a token, waiting until there is one. */
export const take = takeIn(true)
/** Gives up when its time has run out. */
export const takeInTime = takeIn(false)

/** As `take`, with the event loop running, for one wait. */
export function takeAsync(leaves: 'never' | 'aborts'): Program {
  return (actor) => {
    const { subject, agent } = actor
    const { waiters } = actor
    acquire(actor)
    const entry = begin(actor)
    if (!entry) return
    const signal = leaves === 'aborts' ? actor.signal() : undefined
    const sleep = noticesOf(actor).sleep(entry, subject.asyncWaiter(agent))
    waiters.run(new subject.Line(), sleep, Number.POSITIVE_INFINITY, signal).then(
      () => {
        end(actor, entry)
        const tokens = actor.load(TOKENS)
        if (tokens > 0) {
          actor.store(TOKENS, tokens - 1)
          actor.note('took')
        }
        release(actor)
      },
      () => {
        noticesOf(actor).abandon(entry)
        acquire(actor)
        release(actor)
      },
    )
  }
}

/** Gives so many tokens, and notifies as many. */
export function give(count = 1): Program {
  return (actor) => {
    acquire(actor)
    actor.cut('gives')
    actor.store(TOKENS, actor.load(TOKENS) + count)
    actor.note('gave', count)
    noticesOf(actor).notify(count)
    actor.note('told')
    release(actor)
  }
}

/**
 * Tokens given, tokens taken, waiters notified, deaths; tokens of which nobody is told, because one who had the lock died: whoever has it next must look after that.
 * Then of each agent, how many tokens it is about to take or to tell of.
 */
const [GIVEN, TAKEN, NOTIFIED, DIED, UNTOLD, ABOUT] = [0, 1, 2, 3, 4, 5]
const add = (ghost: number[], at: number, count: number) => {
  ghost[at] = (ghost[at] as number) + count
}
const monitor: Monitor = {
  initial: [0, 0, 0, 0, 0, 0, 0, 0],
  noted(ghost, agent, event, value) {
    ghost[ABOUT + agent] = event === 'gave' ? value : event === 'notified' ? 1 : 0
    if (event === 'gave') add(ghost, GIVEN, value)
    if (event === 'took') add(ghost, TAKEN, 1)
    if (event === 'notified') add(ghost, NOTIFIED, 1)
    const [given, taken, notified, died] = ghost as [number, number, number, number]
    if (died === 0 && notified > given) return 'more waiters were notified than notifications given'
    return taken > given ? 'took a token that nobody gave' : undefined
  },
  died(ghost, agent) {
    add(ghost, DIED, 1)
    add(ghost, UNTOLD, ghost[ABOUT + agent] as number)
  },
}

export function condition(name: string, agents: readonly (readonly Program[])[], mishaps: Mishaps = {}, lastStamp = 0): Scenario {
  return {
    name: `condition: ${name}`,
    agents,
    mishaps,
    monitor,
    prepare({ subject, words }, label) {
      label(LOCK, 'lock')
      label(TOKENS, 'tokens')
      label(NOTICES, 'last stamp')
      label(NOTICES + 1, 'entries’ mutex')
      label(NOTICES + 5, 'due')
      for (let n = 0; n < 3; n++) {
        label(NOTICES + 8 + n * 4, `entry ${n}`)
        label(NOTICES + 9 + n * 4, `tag ${n}`)
        label(NOTICES + 10 + n * 4, `gate ${n}`)
        label(NOTICES + 11 + n * 4, `bells ${n}`)
      }
      subject.Notices.format(words, NOTICES)
      if (lastStamp !== 0) words[NOTICES] = lastStamp
    },
    mourn: (actor) => noticesOf(actor).mourn(),
    mayWait(look, agent) {
      const isNotified = (n: number) => {
        const at = NOTICES + 8 + n * 4
        return (look.load(at) & 3) === GRANTED && look.load(at + 1) === 1024 + agent
      }
      return look.load(TOKENS) <= (look.ghost[UNTOLD] as number) && ![0, 1, 2].some(isNotified)
    },
    atRest(look) {
      const [given, taken] = look.ghost as [number, number]
      if (!look.anyDied && look.load(TOKENS) !== given - taken)
        return `${given} tokens given, ${taken} taken, ${look.load(TOKENS)} left`
      return undefined
    },
  }
}
