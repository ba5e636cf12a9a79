import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { Guard, Lockable } from './lock.js'

/**
 * A number of permits, shared by all agents of a family: each acquire takes one, each release gives some. It has no owner: any agent may
 * release, and the permits of an agent that dies are not given back (as in Python).
 */
export interface Semaphore extends Lockable {
  /**
   * Waits until there is a permit, and takes it. Its guard gives back one permit, once.
   * @throws TimeoutError when time ran out
   */
  acquire(options?: WaitOptions): Promise<Guard>
  /** As `acquire`, blocking this thread. */
  acquireSync(options?: SyncWaitOptions): Guard
  /** Takes a permit now or never: `undefined` where there is none. */
  tryAcquire(): Guard | undefined
  /**
   * Gives permits, and lets as many of those who wait go on.
   * @param n how many; default 1
   * @throws TypeError for what is no number; RangeError for what is no whole number from 1, or would be more permits than 2147483647 or, for a
   *   BoundedSemaphore, than there were at first; nothing changes then
   */
  release(n?: number): void
  /** How many permits there are at this moment. */
  readonly value: number
  /** Whether there is none at this moment. */
  readonly locked: boolean
}

/** A semaphore that never has more permits than at first, so that a release too many is found out. */
export interface BoundedSemaphore extends Semaphore {}
