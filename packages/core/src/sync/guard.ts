import type { Guard as GuardContract } from '../contracts/lock.js'

/** @see GuardContract */
export class Guard implements GuardContract {
  readonly ownerDied: boolean
  /** Whom to release; gone once that is done, so that a second release does nothing. */
  #held: Releasable | undefined

  readonly #hold: number

  /** @param hold which of its holds this is, as it counts them */
  constructor(held: Releasable, ownerDied: boolean, hold = 0) {
    this.#held = held
    this.#hold = hold
    this.ownerDied = ownerDied
  }

  release(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    held.releaseHold(this.#hold)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** What a guard gives back. */
export interface Releasable {
  /** Ends a hold, unless that was ended in another way. */
  releaseHold(hold: number): void
}
