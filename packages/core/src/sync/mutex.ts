/**
 * Mutual exclusion that survives the death of its holder: the algorithm on the words. `Lock` gives it a face; the heap, the family's table and both ends
 * of every queue use it bare.
 *
 * | word             | state                                                                                      |
 * |------------------|--------------------------------------------------------------------------------------------|
 * | `FREE` (0)       | free: anyone may take it                                                                   |
 * | tag of an agent  | held by that agent, which may have died                                                    |
 * | RESERVED + bell  | free, but only for waiters of the agents with that bell                                    |
 *
 * The word is followed by its waitlist and by TURNS: how many releases in a row passed waiters over (low half), and whose turn is next (high half).
 *
 * Whoever releases and comes back at once can take the lock thousands of times before a waiter has even been scheduled. So it may pass the waiters over only so often;
 * then the lock is reserved for the agents behind one bell, each in turn. Sleeping threads put up their agent's bell here, too. Who leaves a lock that is reserved for it
 * reserves it for the next. Who does not come is dead, which is found out at the next tick, or lives and is slow, and loses its turn some ticks later.
 */
import type { SyncPort } from './port.js'
import { type Suspending, TICK_MS, type Waiter } from './suspend.js'
import { ALL, BELLS, isAwaited, lower, name, WAITLIST_WORDS, wake, withdraw } from './waitlist.js'

export const FREE = 0
/** No tag has this bit. The number of the bell, 0 to 31, is in the low bits. */
export const RESERVED = 0x40000000
const WAITLIST = 1
const TURNS = WAITLIST + WAITLIST_WORDS
/** How many words a mutex takes. */
export const MUTEX_WORDS = TURNS + 1

/** Releases in a row that may pass waiters over: often enough to be fair, seldom enough that the wake-ups which it waits for cost little each. */
const MOST_PASSED_OVER = 256
const PASSED_OVER = 0xffff
/**
 * Ticks for which a lock stays reserved for somebody who lives: an event loop on a busy machine is not scheduled within one, and would lose its turns when it needs them
 * most. Not for ever: its thread may be blocked, or the waiter have died and another agent live behind the same bell.
 */
const MOST_KEPT_TICKS = 5
const ALL_BELLS = 32

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
  return (seen & RESERVED) !== 0 ? FREE : seen
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
  const reserved = reservedFor(port)
  let slept = false
  let thorough = false
  let keptFor = FREE
  let ticksKept = 0
  for (;;) {
    name(port, words, at + WAITLIST)
    const ticket = waiter.enlist(words, at + WAITLIST)
    const seen = Atomics.load(words, at)
    const isReserved = (seen & RESERVED) !== 0
    if (seen !== keptFor) ticksKept = 0
    keptFor = seen
    if (thorough) ticksKept++
    const isForfeited = isReserved && thorough && (ticksKept >= MOST_KEPT_TICKS || !port.livesBehind(seen & ~RESERVED))
    const mayTake = seen === FREE || seen === reserved || isForfeited
    const isDead = seen !== FREE && !isReserved && !port.isAlive(seen, thorough)
    if (mayTake || (isDead && steal)) {
      // From the dead on their exact value: of several thieves one wins, and nobody steals from the winner.
      if (Atomics.compareExchange(words, at, seen, port.tag) !== seen) continue
      if (slept) Atomics.and(words, at + TURNS, ~PASSED_OVER)
      // Nobody came for the reservation: its bell may be that of one who died waiting, and would hold up everyone again and again. Who does live is rung, and
      // puts it up again.
      if (isReserved && seen !== reserved) lower(port, words, at + WAITLIST, seen & ~RESERVED)
      withdraw(port, words, at + WAITLIST)
      return isDead ? Acquired.fromTheDead : Acquired.yes
    }
    if (isDead) {
      // It may have released before it ended, after the look at the word.
      if (Atomics.load(words, at) !== seen) continue
      return leave(port, words, at, Acquired.ownerDied)
    }
    const resumption = yield { words, at: at + WAITLIST, ticket, tick: TICK_MS }
    slept = true
    thorough = resumption === 'tick'
    if (resumption === 'aborted') return leave(port, words, at, Acquired.no)
    if (resumption === 'expired') {
      const isTaken = tryLock(port, words, at) || takeReserved(port, words, at)
      return leave(port, words, at, isTaken ? Acquired.yes : Acquired.no)
    }
  }
}

/** A waiter is done. Where the lock was reserved for it, it is reserved for the next one. */
function leave(port: SyncPort, words: Int32Array, at: number, outcome: Acquired): Acquired {
  withdraw(port, words, at + WAITLIST)
  const reserved = reservedFor(port)
  if (Atomics.load(words, at) === reserved) reserve(port, words, at, reserved)
  return outcome
}

function reservedFor(port: SyncPort): number {
  return RESERVED | (31 - Math.clz32(port.bell))
}

/**
 * Takes a lock that is reserved for this agent, or for the dead. Who does not wait for a tick would otherwise find it reserved for ever, once the last of those who do has died.
 */
function takeReserved(port: SyncPort, words: Int32Array, at: number): boolean {
  const seen = Atomics.load(words, at)
  if ((seen & RESERVED) === 0) return false
  const isOwn = seen === reservedFor(port)
  if (!isOwn && port.livesBehind(seen & ~RESERVED)) return false
  if (Atomics.compareExchange(words, at, seen, port.tag) !== seen) return false
  if (!isOwn) lower(port, words, at + WAITLIST, seen & ~RESERVED)
  return true
}

/** One look without waiting: `no` while it is held by the living. */
export function tryLockSlow(port: SyncPort, words: Int32Array, at: number, steal: boolean): Acquired {
  if (takeReserved(port, words, at)) return Acquired.yes
  const holder = holderOf(words, at)
  if (holder === FREE || port.isAlive(holder, true)) return Acquired.no
  if (!steal) return Atomics.load(words, at) === holder ? Acquired.ownerDied : Acquired.no
  return Atomics.compareExchange(words, at, holder, port.tag) === holder ? Acquired.fromTheDead : Acquired.no
}

/**
 * Releases it, whoever holds it. `false`, and nothing changed, where it was not held by anyone.
 * @param ownOnly release nothing that this agent does not hold
 */
export function unlock(port: SyncPort, words: Int32Array, at: number, ownOnly = false): boolean {
  if (Atomics.compareExchange(words, at, port.tag, FREE) !== port.tag && (ownOnly || !unlockSlow(words, at))) return false
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

function wakeNext(port: SyncPort, words: Int32Array, at: number): void {
  const passedOver = Atomics.add(words, at + TURNS, 1) & PASSED_OVER
  if (passedOver < MOST_PASSED_OVER) wake(port, words, at + WAITLIST, 1)
  else reserve(port, words, at, FREE)
}

/**
 * Reserves a free lock for those whose turn it is, and wakes them.
 * @param from what the word holds now: `FREE`, or the reservation that is passed on
 */
function reserve(port: SyncPort, words: Int32Array, at: number, from: number): void {
  const first = Atomics.load(words, at + TURNS) >>> 16
  for (let n = 0; n < ALL_BELLS; n++) {
    const bell = (first + n) % ALL_BELLS
    if ((Atomics.load(words, at + WAITLIST + BELLS) & (1 << bell)) === 0) continue
    // Unless someone has taken it in between; then its release will wake the next.
    if (Atomics.compareExchange(words, at, from, RESERVED | bell) !== from) return
    Atomics.store(words, at + TURNS, ((bell + 1) % ALL_BELLS) << 16)
    // They may have gone between the look and the reservation. Who goes takes its bell down and then looks at the word; so this store and this look, in
    // this order, leave one of the two to see the other.
    if ((Atomics.load(words, at + WAITLIST + BELLS) & (1 << bell)) === 0) {
      from = RESERVED | bell
      continue
    }
    // They may wait for the bell or sleep, and sleepers cannot be told apart.
    wake(port, words, at + WAITLIST, ALL)
    return
  }
  // Nobody is left to reserve it for. Who came meanwhile and found it reserved sleeps now, or is about to.
  if (from === FREE || Atomics.compareExchange(words, at, from, FREE) === from) wake(port, words, at + WAITLIST, 1)
}
