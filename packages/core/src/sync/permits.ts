/**
 * A counting semaphore: the algorithm on the words. `Semaphore` gives it a face. The argument for it is in `README.md` beside this file.
 *
 * | word     | holds                                                                                           |
 * |----------|-------------------------------------------------------------------------------------------------|
 * | COUNT    | permits, 0 to 2^31 - 1                                                                          |
 * | waitlist | those who sleep                                                                                 |
 * | PASSED   | permits in a row that were taken past those who sleep                                           |
 * | ENTITLED | a bit for each agent (as in the waitlist's bells) that sleeps because it found no permit        |
 *
 * Whoever releases and comes back at once can take the permit thousands of times before a woken thread has run. So only so many may be taken past those who sleep; then
 * who comes must sleep once, too, and the permits go to those who have slept, in the order in which the platform wakes them.
 */
import type { SyncPort } from './port.js'
import { type Resumption, type Suspending, TICK_MS, type Waiter } from './suspend.js'
import { WAITLIST_WORDS, wake } from './waitlist.js'

const COUNT = 0
/** Of the waitlist. */
export const PERMITS_WAITLIST = 1
const PASSED = PERMITS_WAITLIST + WAITLIST_WORDS
const ENTITLED = PASSED + 1
/** How many words a semaphore takes. */
export const PERMITS_WORDS = ENTITLED + 1

export const MOST_PERMITS = 2 ** 31 - 1

/** As with the mutex: often enough to be fair, seldom enough that the wake-ups which it waits for cost little each. */
const MOST_PASSED = 256

/** Prepares fresh, zeroed words. */
export function formatPermits(words: Int32Array, at: number, initial: number): void {
  words[at + COUNT] = initial
}

/** How many permits there are. */
export function permits(words: Int32Array, at: number): number {
  return Atomics.load(words, at + COUNT)
}

/** Takes a permit, if there is one, whoever waits for it. */
export function tryTake(words: Int32Array, at: number): boolean {
  for (;;) {
    const count = Atomics.load(words, at + COUNT)
    if (count === 0) return false
    if (Atomics.compareExchange(words, at + COUNT, count, count - 1) === count) return true
  }
}

/** The fast path: takes a permit, if there is one that need not be left to others. */
export function tryEnter(port: SyncPort, words: Int32Array, at: number): boolean {
  if (Atomics.load(words, at + ENTITLED) === 0) return tryTake(words, at)
  if (mustYield(port, words, at) || !tryTake(words, at)) return false
  Atomics.add(words, at + PASSED, 1)
  return true
}

/** Whether so many were taken past others that it is their turn. Not past those of its own agent, whose event loop this very thread may block. */
function mustYield(port: SyncPort, words: Int32Array, at: number): boolean {
  return Atomics.load(words, at + PASSED) >= MOST_PASSED && (Atomics.load(words, at + ENTITLED) & ~port.bell) !== 0
}

/** The slow path: waits for a permit. `false` when time ran out, or when the wait was aborted. */
export function* takeSlow(port: SyncPort, words: Int32Array, at: number, waiter: Waiter): Suspending<boolean> {
  let resumption: Resumption | undefined
  for (;;) {
    const ticket = waiter.enlist(words, at + PERMITS_WAITLIST)
    const hasSlept = resumption !== undefined
    if (resumption === 'aborted') return leave(port, words, at, waiter, hasSlept, false)
    const yields = !hasSlept && mustYield(port, words, at)
    if (!yields && tryTake(words, at)) {
      if (resumption === 'tick') disentitleOne(port, words, at)
      return leave(port, words, at, waiter, hasSlept, true)
    }
    if (resumption === 'expired') return leave(port, words, at, waiter, hasSlept, false)
    const besidePermit = yields && Atomics.load(words, at + COUNT) > 0
    if (!besidePermit) entitle(port, words, at)
    resumption = yield { words, at: at + PERMITS_WAITLIST, ticket, tick: besidePermit ? TICK_MS : 0, isOwed: true }
  }
}

/** Says that this agent sleeps because it found no permit. */
function entitle(port: SyncPort, words: Int32Array, at: number): void {
  if ((Atomics.load(words, at + ENTITLED) & port.bell) === 0) Atomics.or(words, at + ENTITLED, port.bell)
}

/**
 * Nobody came for a permit that was left to others: one of them may be dead, and would hold up everyone again and again. Who lives says so anew when it has
 * been woken in vain.
 */
function disentitleOne(port: SyncPort, words: Int32Array, at: number): void {
  const others = Atomics.load(words, at + ENTITLED) & ~port.bell
  Atomics.and(words, at + ENTITLED, ~(others & -others))
}

/** A waiter is done. It was its turn: those who slept beside permits for its sake are woken. */
function leave(port: SyncPort, words: Int32Array, at: number, waiter: Waiter, hasSlept: boolean, taken: boolean): boolean {
  waiter.withdraw(words, at + PERMITS_WAITLIST)
  if (!hasSlept) return taken
  Atomics.and(words, at + ENTITLED, ~port.bell)
  if (Atomics.exchange(words, at + PASSED, 0) >= MOST_PASSED) {
    const left = Atomics.load(words, at + COUNT)
    if (left > 0) wake(port, words, at + PERMITS_WAITLIST, left)
  }
  return taken
}

/**
 * Adds permits and wakes as many waiters.
 * @param most how many there may be then
 * @returns whether there was room for them; nothing changes otherwise
 */
export function give(port: SyncPort, words: Int32Array, at: number, n: number, most: number): boolean {
  for (;;) {
    const count = Atomics.load(words, at + COUNT)
    if (n > most - count) return false
    if (Atomics.compareExchange(words, at + COUNT, count, count + n) === count) break
  }
  wake(port, words, at + PERMITS_WAITLIST, n)
  return true
}
