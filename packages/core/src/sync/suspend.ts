/**
 * Slow paths are written once, as generators that yield a {@link Park} where they must sleep. Three drivers run them: `runSync` below
 * blocks the thread on one word, `runSyncByBell` blocks it until the agent's bell rings, and `async-waiters.ts` has the event loop wait for that.
 */
import type { SyncPort } from './port.js'
import { enlist, withdraw } from './waitlist.js'

/** "Sleep until the waitlist is notified": yielded after `waiter.enlist` and one more look at the condition. */
export interface Park {
  readonly words: Int32Array
  /** Index of the waitlist's first word. */
  readonly at: number
  readonly ticket: number
  /** ms after which to be woken in any case, e.g. to look whether the one it waits for is still alive; 0: never. */
  readonly tick: number
  /** Whether it may be given a wake-up that others need if it dies: it is noted then, although it ticks. Those without a tick always are. */
  readonly isOwed?: boolean
}

/** Why a parked slow path runs again. `expired` and `aborted` come once: it must then leave the waitlist as it found it and return. */
export type Resumption = 'woken' | 'tick' | 'expired' | 'aborted'

/** A slow path: yields parks, returns its result. */
export type Suspending<T> = Generator<Park, T, Resumption>

/** ms between two looks at the life of a lock's holder. */
export const TICK_MS = 50

/** Who runs a slow path: the same code enlists a thread or a bell. */
export interface Waiter {
  enlist(words: Int32Array, at: number): number
  /** To be called last: it waits no more. (Sleeping threads are not listed by name.) */
  withdraw(words: Int32Array, at: number): void
}

export function syncWaiter(port: SyncPort): Waiter {
  return { enlist: (words, at) => enlist(port, words, at, true), withdraw: () => {} }
}

export function asyncWaiter(port: SyncPort): Waiter {
  return { enlist: (words, at) => enlist(port, words, at, false), withdraw: (words, at) => withdraw(port, words, at) }
}

/**
 * Runs a slow path to its end on this thread.
 * @param deadline on `port.now()`'s clock, ms; fixed by the caller once, so that early wake-ups cannot prolong it
 */
export function runSync<T>(port: SyncPort, slowPath: Suspending<T>, deadline: number): T {
  let step = slowPath.next()
  let parked = false
  try {
    while (!step.done) {
      const { words, at, ticket, tick, isOwed = tick === 0 } = step.value
      const left = deadline - port.now()
      if (left <= 0) {
        step = slowPath.next('expired')
        continue
      }
      // Who looks again by itself mostly needs nobody's help. (And a lock is often taken in the midst of another wait, whose note must stay.)
      if (isOwed && !parked) {
        port.park(words, at)
        parked = true
      }
      const outcome = port.wait(words, at, ticket, tick === 0 ? left : Math.min(left, tick))
      step = slowPath.next(outcome !== 'timed-out' ? 'woken' : port.now() >= deadline ? 'expired' : 'tick')
    }
    return step.value
  } finally {
    // Also where the slow path throws: a note must not outlive the object that it is about.
    if (parked) port.unpark()
  }
}

/**
 * Runs a slow path that waits by its agent's bell ({@link asyncWaiter}) to its end on this thread: so it can stand on many waitlists at once. Other waiters of its agent
 * look again afterwards, as `withdraw` rings for them.
 * @param deadline as for {@link runSync}
 */
export function runSyncByBell<T>(port: SyncPort, slowPath: Suspending<T>, deadline: number): T {
  let step = slowPath.next()
  while (!step.done) {
    const { tick } = step.value
    const rest = deadline - port.now()
    if (rest > 0) port.sleepUntilRung(tick === 0 ? rest : Math.min(rest, tick))
    step = slowPath.next(port.now() >= deadline ? 'expired' : 'woken')
  }
  return step.value
}
