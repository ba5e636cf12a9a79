import type { Agent } from '../agent.js'
import { lockNow } from '../sync/lock-now.js'
import { unlock } from '../sync/mutex.js'

/**
 * The inner lock of a collection: held for a few instructions, or for as long as the function of an `update` runs. An agent that has it may enter again, so
 * that such a function can use the collection, and the collector can look through it in the middle of one.
 */
export class Exclusive {
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #at: number
  readonly #repair: () => void

  /** @param repair mends what a dead holder left: everything that is not committed by one store */
  constructor(agent: Agent, words: Int32Array, at: number, repair: () => void) {
    this.#agent = agent
    this.#words = words
    this.#at = at
    this.#repair = repair
  }

  /** @returns whether it has to be left again: `false` where this agent is inside already */
  enter(): boolean {
    // Nobody else stores this agent's tag, and all of its code in there is synchronous.
    if (Atomics.load(this.#words, this.#at) === this.#agent.tag) return false
    if (lockNow(this.#agent, this.#words, this.#at)) this.#repair()
    return true
  }

  leave(): void {
    unlock(this.#agent, this.#words, this.#at)
  }
}
