/**
 * Mutual exclusion that survives the death of its holder: the algorithm on the words. `Lock` gives it a face; the heap, the family's table and both ends
 * of every queue use it bare.
 *
 * | OWNER | STARVING | state                                                                            |
 * |-------|----------|----------------------------------------------------------------------------------|
 * | 0     | 0        | free: anyone may take it                                                         |
 * | tag   | 0        | held by the agent with that tag                                                  |
 * | tag   | 1        | held, and some waiter has been passed over often                                 |
 * | 0     | 1        | free, but only for starving waiters; others sleep, and look again at the next tick |
 *
 * The word is followed by its waitlist. Shape of the word after parking_lot's RawMutex, ageing after Linux's `rwsem` handoff bit; why this and not a
 * hand-over to a named heir is in `README.md`.
 */
import type { SyncPort } from './port.js'
import type { Suspending, Waiter } from './suspend.js'
import { ALL, WAITLIST_WORDS, wake } from './waitlist.js'

export const FREE = 0
export const OWNER = 0x3fffffff
export const STARVING = 0x40000000
const WAITLIST = 1
/** How many words a mutex takes. */
export const MUTEX_WORDS = 1 + WAITLIST_WORDS

/** How often a waiter lets itself be passed over before it asks the others to stand back. */
const PATIENCE = 4

/** What became of an attempt. */
export const Acquired = {
  /** Not acquired: time ran out, or the wait was aborted. */
  no: 0,
  yes: 1,
  /** Acquired from a dead holder: what it guards may be half-written. */
  fromTheDead: 2,
  /** Not acquired, because the holder is dead and the caller does not steal. */
  ownerDied: 3,
} as const
export type Acquired = (typeof Acquired)[keyof typeof Acquired]

/** The fast path: one compare-and-swap. */
export function tryLock(port: SyncPort, words: Int32Array, at: number): boolean {
  return Atomics.compareExchange(words, at, FREE, port.tag) === FREE
}

/**
 * The slow path of acquiring.
 * @param steal take the lock of a dead holder (`fromTheDead`) instead of reporting it (`ownerDied`)
 */
export function* lockSlow(port: SyncPort, words: Int32Array, at: number, waiter: Waiter, steal: boolean): Suspending<Acquired> {
  let passedOver = 0
  let starving = false
  let thorough = false
  for (;;) {
    const ticket = waiter.enlist(words, at + WAITLIST)
    const seen = Atomics.load(words, at)
    const owner = seen & OWNER
    if (owner === FREE) {
      if (seen === FREE || starving || thorough) {
        if (Atomics.compareExchange(words, at, seen, port.tag) === seen) return Acquired.yes
        continue
      }
    } else if (!port.isAlive(owner, thorough)) {
      if (!steal) {
        if (starving) standDown(port, words, at)
        return Acquired.ownerDied
      }
      // On the exact value of the dead: of several thieves one wins, and nobody steals from the winner.
      if (Atomics.compareExchange(words, at, seen, port.tag | (seen & STARVING)) === seen) return Acquired.fromTheDead
      continue
    } else if (passedOver >= PATIENCE) {
      starving = true
      if ((seen & STARVING) === 0 && Atomics.compareExchange(words, at, seen, seen | STARVING) !== seen) continue
    }
    const resumption = yield { words, at: at + WAITLIST, ticket, tick: true }
    passedOver++
    thorough = resumption === 'tick'
    if (resumption === 'expired' || resumption === 'aborted') {
      if (resumption === 'expired' && tryLock(port, words, at)) return Acquired.yes
      if (starving) standDown(port, words, at)
      return Acquired.no
    }
  }
}

/** One look without waiting: `no` while it is held by the living. */
export function tryLockSlow(port: SyncPort, words: Int32Array, at: number, steal: boolean): Acquired {
  const seen = Atomics.load(words, at)
  const owner = seen & OWNER
  if (owner === FREE || port.isAlive(owner, true)) return Acquired.no
  if (!steal) return Acquired.ownerDied
  return Atomics.compareExchange(words, at, seen, port.tag | (seen & STARVING)) === seen ? Acquired.fromTheDead : Acquired.no
}

/** Takes back what a starving waiter asked for, so that a free lock is not kept for one who left. */
function standDown(port: SyncPort, words: Int32Array, at: number): void {
  if (Atomics.and(words, at, ~STARVING) === STARVING) wake(port, words, at + WAITLIST, ALL)
}

/** Releases what this agent holds. `false`, and nothing changed, where it was not held by anyone. */
export function unlock(port: SyncPort, words: Int32Array, at: number): boolean {
  if (Atomics.compareExchange(words, at, port.tag, FREE) === port.tag) {
    wake(port, words, at + WAITLIST, 1)
    return true
  }
  return unlockSlow(port, words, at)
}

/** Any agent may release (as in Python), so the word can hold another's tag. */
function unlockSlow(port: SyncPort, words: Int32Array, at: number): boolean {
  for (;;) {
    const seen = Atomics.load(words, at)
    if ((seen & OWNER) === FREE) return false
    if (Atomics.compareExchange(words, at, seen, seen & STARVING) !== seen) continue
    // While some wait starving only they may take it, and a single wake-up could go to another.
    wake(port, words, at + WAITLIST, seen & STARVING ? ALL : 1)
    return true
  }
}
