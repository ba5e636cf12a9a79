import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { Lock, Lockable } from './lock.js'

/**
 * A place to wait until others say that something has changed, which a lock guards. Everything below `lock` needs that lock: NotOwnerError where the calling
 * agent (of an RLock: the calling flow) does not hold it. Who waits has it again when the wait ends, however it ends.
 *
 * A wait that finds that the last holder of a lock which recovers by itself has died notifies all other waiters, for the dead may have changed something and not have
 * said so. Whoever gets such a lock by `acquire()` should do the same (`guard.ownerDied`).
 *
 * Waiters are notified in the order in which they came. One that times out, is aborted or dies absorbs no notification: another one gets it.
 */
export interface Condition extends Lockable {
  /** The lock that was given, or an RLock of its own, which recovers from the death of its holder by itself. `acquire()` and the like mean this lock. */
  readonly lock: Lock
  /**
   * Gives up the lock, every level of an RLock; waits to be notified; takes the lock again. The timeout is for the notification only. Guards of the lock stay valid.
   * @returns true; false when time ran out
   * @throws NotOwnerError, at the call, where the lock is not held; OwnerDiedError, without the lock, when its holder died meanwhile and it is a lock that throws
   */
  wait(options?: WaitOptions): Promise<boolean>
  /** As `wait`, blocking this thread. */
  waitSync(options?: SyncWaitOptions): boolean
  /**
   * Waits until `predicate` gives something true: called with the lock held, at once and after every notification. The timeout is for all waits together.
   * @returns what it gave last, which is false, or the like, when time ran out
   * @throws as `wait`; and what `predicate` throws
   */
  waitFor<T>(predicate: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  /** As `waitFor`, blocking this thread. @throws TypeError where `predicate` gives a promise */
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T
  /**
   * Lets the first `n` waiters go on; without waiters it does nothing. They have to wait until the caller releases the lock; it waits for none of them.
   * @param n a whole number from 1; default 1
   * @throws NotOwnerError where the lock is not held
   */
  notify(n?: number): void
  /** Lets all waiters go on. @throws NotOwnerError where the lock is not held */
  notifyAll(): void
}
