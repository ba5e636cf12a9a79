import type { Agent } from '../agent.js'
import type { Lock } from '../contracts/lock.js'
import { isTold, tellOwnerDied } from '../log/owner-died.js'
import type { Shareable } from '../wire/shareable.js'
import type { Line } from './async-waiters.js'
import { ownerDied } from './lock.js'
import { Acquired, FREE, holderOf, lockSlow, tryLock } from './mutex.js'
import { spinLock } from './spin.js'
import { asyncWaiter, runSync, type Suspending, syncWaiter, type Waiter } from './suspend.js'

/** A lock that can be given up in the midst of a hold, and taken back: what a Condition needs beside what users have. */
export interface SurrenderableLock extends Lock, Shareable {
  /** Whether the calling code holds it: its agent, or, of an RLock, its flow. */
  isHeldHere(): boolean
  /** Gives up every level of the hold that the calling code has. */
  surrender(): Surrendered
}

/** A hold while it is given up. Its guards stay valid: those released meanwhile are not taken back. */
export interface Surrendered {
  /**
   * Takes the lock back, however long that takes.
   * @returns whether its last holder died with it
   * @throws OwnerDiedError, without the lock, where the lock does so
   */
  resume(): Promise<boolean>
  /** As `resume`, blocking this thread. */
  resumeSync(): boolean
}

/** A hold of the mutex at `at`. */
export class SurrenderedHold implements Surrendered {
  /**
   * @param what the lock's class, as logs name it
   * @param steals whether the lock recovers by itself
   * @param line those of this agent who wait for the lock
   * @param restore runs as soon as the lock is this agent's
   */
  constructor(
    private readonly agent: Agent,
    private readonly what: string,
    private readonly words: Int32Array,
    private readonly at: number,
    private readonly steals: boolean,
    private readonly line: Line,
    private readonly restore: () => void,
  ) {}

  async resume(): Promise<boolean> {
    const { agent, line } = this
    if (line.isEmpty && tryLock(agent, this.words, this.at)) {
      this.restore()
      return false
    }
    return agent.waiters.run(line, this.#resumeSlow(asyncWaiter(agent)), Number.POSITIVE_INFINITY, undefined)
  }

  resumeSync(): boolean {
    const { agent, words, at } = this
    if (tryLock(agent, words, at) || spinLock(agent, words, at)) {
      this.restore()
      return false
    }
    return runSync(agent, this.#resumeSlow(syncWaiter(agent)), Number.POSITIVE_INFINITY)
  }

  *#resumeSlow(waiter: Waiter): Suspending<boolean> {
    const { agent, words, at, what } = this
    const before = isTold() ? holderOf(words, at) : FREE
    const outcome = yield* lockSlow(agent, words, at, waiter, this.steals)
    if (outcome === Acquired.fromTheDead) tellOwnerDied(agent, what, before, true)
    if (outcome === Acquired.ownerDied) {
      const holder = holderOf(words, at)
      tellOwnerDied(agent, what, holder, false)
      throw ownerDied(agent, holder)
    }
    this.restore()
    return outcome === Acquired.fromTheDead
  }
}
