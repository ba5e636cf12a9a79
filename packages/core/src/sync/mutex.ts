/**
 * Mutual exclusion that survives the death of its holder: the algorithm on the words. `Lock` gives it a face; the heap, the family's table and both ends
 * of every queue use it bare.
 *
 * | word             | state                                                                                      |
 * |------------------|--------------------------------------------------------------------------------------------|
 * | `FREE` (0)       | free: anyone may take it                                                                   |
 * | tag of an agent  | held by that agent, which may have died                                                    |
 * | `RESERVED`       | free, but only for waiters that have slept; one of them was woken for it                   |
 *
 * The word is followed by its waitlist and by TURNS: how many releases in a row passed waiters over (low half), and whose turn is next (high half).
 *
 * Whoever releases and comes back at once can take the lock thousands of times before a waiter has even been scheduled. So it may pass the waiters over only so often;
 * then the lock is reserved, and one waiter is woken for it, each in turn. Anyone who slept may take it, the woken one or another. A woken one that leaves without it passes
 * the wake-up on; one that dies leaves it to whoever looks again at the next tick. (An heir named in the word would have to be there to inherit: see `README.md`.)
 */
import type { SyncPort } from './port.js'
import { type Suspending, TICK_MS, type Waiter } from './suspend.js'
import { BELLS, isAwaited, WAITLIST_WORDS, wake, wakeSleepers } from './waitlist.js'

export const FREE = 0
/** No tag has this bit. */
export const RESERVED = 0x40000000
const WAITLIST = 1
const TURNS = WAITLIST + WAITLIST_WORDS
/** How many words a mutex takes. */
export const MUTEX_WORDS = TURNS + 1

/** Releases in a row that may pass waiters over: often enough to be fair, seldom enough that the wake-ups which it waits for cost little each. */
const MOST_PASSED_OVER = 256
const PASSED_OVER = 0xffff
/** As how many a release counts that rings bells: an async waiter is listed again only when its event loop has turned, many releases later. */
const RING_WEIGHT = 64
/** Those who take turns: the agents of each of the 32 bells, and the sleeping threads. */
const PARTIES = 33
const SLEEPERS = 32

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

/** Whether some agent holds it. */
export function isHeld(words: Int32Array, at: number): boolean {
  return holderOf(words, at) !== FREE
}

/** The tag of its holder, dead or alive; `FREE`: nobody's. */
export function holderOf(words: Int32Array, at: number): number {
  const seen = Atomics.load(words, at)
  return seen === RESERVED ? FREE : seen
}

/** The fast path: one compare-and-swap. */
export function tryLock(port: SyncPort, words: Int32Array, at: number): boolean {
  return Atomics.compareExchange(words, at, FREE, port.tag) === FREE
}

/**
 * The slow path of acquiring.
 * @param steal take the lock of a dead holder (`fromTheDead`) instead of reporting it (`ownerDied`)
 */
export function* lockSlow(port: SyncPort, words: Int32Array, at: number, waiter: Waiter, steal: boolean): Suspending<Acquired> {
  let slept = false
  let thorough = false
  for (;;) {
    const ticket = waiter.enlist(words, at + WAITLIST)
    const seen = Atomics.load(words, at)
    const mayTake = seen === FREE || (seen === RESERVED && slept)
    const isDead = seen !== FREE && seen !== RESERVED && !port.isAlive(seen, thorough)
    if (mayTake || (isDead && steal)) {
      // From the dead on their exact value: of several thieves one wins, and nobody steals from the winner.
      if (Atomics.compareExchange(words, at, seen, port.tag) !== seen) continue
      if (slept) Atomics.and(words, at + TURNS, ~PASSED_OVER)
      waiter.withdraw(words, at + WAITLIST)
      return isDead ? Acquired.fromTheDead : Acquired.yes
    }
    if (isDead) {
      leave(port, words, at, waiter)
      return Acquired.ownerDied
    }
    const resumption = yield { words, at: at + WAITLIST, ticket, tick: TICK_MS }
    slept = true
    thorough = resumption === 'tick'
    if (resumption === 'expired' && (tryLock(port, words, at) || takeReserved(port, words, at))) {
      waiter.withdraw(words, at + WAITLIST)
      return Acquired.yes
    }
    if (resumption === 'expired' || resumption === 'aborted') {
      leave(port, words, at, waiter)
      return Acquired.no
    }
  }
}

/** One look without waiting: `no` while it is held by the living. */
export function tryLockSlow(port: SyncPort, words: Int32Array, at: number, steal: boolean): Acquired {
  const holder = holderOf(words, at)
  if (holder === FREE || port.isAlive(holder, true)) return Acquired.no
  if (!steal) return Acquired.ownerDied
  return Atomics.compareExchange(words, at, holder, port.tag) === holder ? Acquired.fromTheDead : Acquired.no
}

/** Releases what this agent holds. `false`, and nothing changed, where it was not held by anyone. */
export function unlock(port: SyncPort, words: Int32Array, at: number): boolean {
  if (Atomics.compareExchange(words, at, port.tag, FREE) !== port.tag && !unlockSlow(words, at)) return false
  if (isAwaited(words, at + WAITLIST)) wakeNext(port, words, at)
  return true
}

/** Any agent may release (as in Python), so the word can hold another's tag. */
function unlockSlow(words: Int32Array, at: number): boolean {
  for (;;) {
    const holder = holderOf(words, at)
    if (holder === FREE) return false
    if (Atomics.compareExchange(words, at, holder, FREE) === holder) return true
  }
}

function takeReserved(port: SyncPort, words: Int32Array, at: number): boolean {
  return Atomics.compareExchange(words, at, RESERVED, port.tag) === RESERVED
}

/** A waiter goes without the lock. If its bell was taken down, the wake-up may have been meant for it alone: then it is passed on. */
function leave(port: SyncPort, words: Int32Array, at: number, waiter: Waiter): void {
  if (!waiter.withdraw(words, at + WAITLIST) && !isHeld(words, at)) wakeNext(port, words, at)
}

function wakeNext(port: SyncPort, words: Int32Array, at: number): void {
  const weight = Atomics.load(words, at + WAITLIST + BELLS) === 0 ? 1 : RING_WEIGHT
  const passedOver = Atomics.add(words, at + TURNS, weight) & PASSED_OVER
  // Unless someone has taken it in between.
  if (passedOver >= MOST_PASSED_OVER) Atomics.compareExchange(words, at, FREE, RESERVED)
  if (Atomics.load(words, at) === RESERVED) wakeInTurn(port, words, at)
  else wake(port, words, at + WAITLIST, 1)
}

/** Wakes the one whose turn it is. Where nobody is left, the lock is free for all again. */
function wakeInTurn(port: SyncPort, words: Int32Array, at: number): void {
  const turn = Atomics.load(words, at + TURNS) >>> 16
  for (let n = 0; n < PARTIES; n++) {
    const party = (turn + n) % PARTIES
    const isWoken = party === SLEEPERS ? wakeSleepers(port, words, at + WAITLIST, 1) > 0 : ringBell(port, words, at, 1 << party)
    if (!isWoken) continue
    Atomics.store(words, at + TURNS, ((party + 1) % PARTIES) << 16)
    return
  }
  if (Atomics.compareExchange(words, at, RESERVED, FREE) === RESERVED) wake(port, words, at + WAITLIST, 1)
}

function ringBell(port: SyncPort, words: Int32Array, at: number, bell: number): boolean {
  if ((Atomics.and(words, at + WAITLIST + BELLS, ~bell) & bell) === 0) return false
  port.ring(bell)
  return true
}
