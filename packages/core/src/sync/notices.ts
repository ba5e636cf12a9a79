import type { Agent } from '../agent.js'
import type { Trace } from '../memory/kinds.js'
import type { Suspending, Waiter } from './suspend.js'
import { type Entry, Fate, WAIT_SET_WORDS, WaitSet } from './wait-set.js'

/** The stamp that was given last; then the waiters. */
const LAST = 0
const WAITERS = 1

/**
 * Who waits at a Condition, and who has been notified: a {@link WaitSet} whose stamps count arrivals. It relies on no lock of the user's, and so stays sound where that is
 * released by others or had by the dead.
 *
 * A notification belongs to an entry from the store that grants it until its waiter has the lock again and frees the entry. If the waiter cannot use it, it is passed on.
 */
export class Notices {
  static readonly WORDS = WAITERS + WAIT_SET_WORDS
  readonly #words: Int32Array
  readonly #at: number
  readonly #waiters: WaitSet

  /** @param address of the word at `at` */
  constructor(agent: Agent, words: Int32Array, at: number, address: number) {
    this.#words = words
    this.#at = at
    this.#waiters = new WaitSet(agent, words, at + WAITERS, address + WAITERS * 4, () => this.#mend())
  }

  /** Prepares fresh, zeroed words. */
  static format(words: Int32Array, at: number): void {
    WaitSet.format(words, at + WAITERS)
  }

  /** One more waiter, behind all others. */
  enlist(): Entry {
    return this.#waiters.exclusively(() => {
      const stamp = ((this.#words[this.#at + LAST] as number) + 1) | 0
      this.#words[this.#at + LAST] = stamp
      return this.#waiters.add(stamp)
    })
  }

  /** Until it is notified, or time is up. */
  sleep(entry: Entry, waiter: Waiter): Suspending<void> {
    return this.#waiters.sleep(entry, waiter)
  }

  /** A waiter will sleep no more. @returns whether it was notified; if not, its entry is gone */
  leave(entry: Entry): boolean {
    const waiters = this.#waiters
    if (waiters.fate(entry) === Fate.granted) return true
    return waiters.exclusively(() => {
      if (waiters.fate(entry) === Fate.granted) return true
      waiters.free(entry)
      return false
    })
  }

  /** A waiter that was notified goes on. */
  acknowledge(entry: Entry): void {
    this.#waiters.free(entry)
  }

  /** A waiter cannot go on: if it was notified, another one is in its place. */
  abandon(entry: Entry): void {
    this.#waiters.exclusively(() => this.#abandon(entry))
  }

  notify(count: number): void {
    this.#waiters.exclusively(() => this.#notify(count))
  }

  /** An agent was buried. */
  mourn(): void {
    this.#waiters.mourn()
  }

  #notify(count: number): void {
    const waiters = this.#waiters
    const waiting = waiters.entries().filter((entry) => waiters.fate(entry) === Fate.waiting)
    // Stamps have 30 bits and wrap.
    waiting.sort((a, b) => (waiters.stamp(a) - waiters.stamp(b)) << 2)
    for (const entry of waiting) {
      if (count === 0) return
      if (waiters.isAlive(entry, true)) {
        waiters.tell(entry, Fate.granted)
        count--
      } else waiters.free(entry)
    }
  }

  #abandon(entry: Entry): void {
    // In this order: a death in between notifies one too many, not one too few.
    if (this.#waiters.fate(entry) === Fate.granted) this.#notify(1)
    this.#waiters.free(entry)
  }

  #mend(): void {
    for (const entry of this.#waiters.entries()) if (!this.#waiters.isAlive(entry, false)) this.#abandon(entry)
  }

  static trace(agent: Agent, address: number, found: Trace): void {
    WaitSet.trace(agent, address + WAITERS * 4, found)
  }

  static dispose(agent: Agent, address: number): void {
    WaitSet.dispose(agent, address + WAITERS * 4)
  }
}
