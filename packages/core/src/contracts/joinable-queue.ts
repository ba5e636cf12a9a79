import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { Queue } from './queue.js'

/**
 * A queue whose producers can wait until all that they put is done: each item counts as unfinished from its put until somebody who got an item calls `taskDone`.
 * Who dies with an item in hand leaves it unfinished; `join` with a timeout, or another `taskDone` by whoever noticed, goes on from there.
 */
export interface JoinableQueue<T = unknown> extends Queue<T> {
  /** One of the items that were got is done. @throws RangeError when it was called more often than items were put */
  taskDone(): void
  /**
   * Waits until all items are done: until, at some moment since the call, as many `taskDone` had been called as items put. Items dropped by
   * `shutdown({ immediate: true })` count as done; those in somebody's hand do not.
   * @throws TimeoutError when time ran out
   */
  join(options?: WaitOptions): Promise<void>
  /** As `join`, blocking this thread. */
  joinSync(options?: SyncWaitOptions): void
}
