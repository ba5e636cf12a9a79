import type { Agent } from '../agent.js'
import { lockNow } from '../sync/lock-now.js'
import { MUTEX_WORDS, unlock } from '../sync/mutex.js'

/** How many words the two locks take. */
export const EXCLUSIVE_WORDS = 2 * MUTEX_WORDS

/**
 * The inner locks of a collection. The outer one is had by whoever uses the collection, for as long as the function of an `update` runs: what happens in there is one
 * step for all others. The inner one is had for the few instructions in which the structure is read or changed, and it alone by the collector, which looks through the collection
 * in any agent's event loop: a function that takes its time, or never ends, holds up those who use this collection, and nobody else.
 *
 * An agent that has one of them may enter again, so that the function of an `update` can use the collection, and the collector can look through it in the middle
 * of a change.
 */
export class Exclusive {
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #structure: number
  readonly #use: number
  readonly #repair: () => void

  /** @param repair mends what a dead holder left: everything that is not committed by one store */
  constructor(agent: Agent, words: Int32Array, at: number, repair: () => void) {
    this.#agent = agent
    this.#words = words
    this.#structure = at
    this.#use = at + MUTEX_WORDS
    this.#repair = repair
  }

  /** With nobody else in the structure; for the collector. */
  look<T>(act: () => T): T {
    return this.#within(this.#structure, this.#repair, act)
  }

  /** With nobody else in the structure, nor in the midst of an update. */
  use<T>(act: () => T): T {
    return this.update(() => this.look(act))
  }

  /** With nobody else using it. `act` may take its time, and uses it as everybody does. */
  update<T>(act: () => T): T {
    // What a dead one had changed in there is done or not; there is nothing to mend but the structure.
    return this.#within(this.#use, () => {}, act)
  }

  #within<T>(lock: number, repair: () => void, act: () => T): T {
    // Nobody else stores this agent's tag, and all of its code in there is synchronous.
    if (Atomics.load(this.#words, lock) === this.#agent.tag) return act()
    if (lockNow(this.#agent, this.#words, lock)) repair()
    try {
      return act()
    } finally {
      unlock(this.#agent, this.#words, lock)
    }
  }
}
