import type { Guard as GuardContract } from '../contracts/lock.js'

/** @see GuardContract */
export class Guard implements GuardContract {
  readonly ownerDied: boolean
  /** Whom to release; gone once that is done, so that a second release does nothing. */
  #held: Releasable | undefined

  constructor(held: Releasable, ownerDied: boolean) {
    this.#held = held
    this.ownerDied = ownerDied
  }

  release(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    held.releaseGuard(this)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** What a guard gives back. */
export interface Releasable {
  /** Ends the hold that this guard stands for, unless that was ended in another way. */
  releaseGuard(guard: Guard): void
}
