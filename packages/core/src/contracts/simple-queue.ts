import type { SyncWaitOptions, WaitOptions } from '../options.js'

/** A Queue with the least of methods: bounded only by memory, for any number of producers and consumers. */
export interface SimpleQueue<T = unknown> {
  /**
   * Puts an item; done once it is in shared memory. Never waits.
   * @throws ClosedError after `close`; NotCloneableError, at the call, for what cannot travel
   */
  put(item: T): Promise<void>
  /** As `put`. */
  putSync(item: T): void
  /**
   * Takes the oldest item, waiting for one.
   * @throws QueueEmptyError when time ran out; ClosedError after `close`
   */
  get(options?: WaitOptions): Promise<T>
  /** As `get`, blocking this thread. */
  getSync(options?: SyncWaitOptions): T
  /** Whether it holds no item at this moment. @throws ClosedError after `close` */
  readonly empty: boolean
  /** This agent is done with it: no more puts and no more gets here, and gets that wait reject with ClosedError; a `wait` for it finds it ready. Others are not affected. */
  close(): void
  [Symbol.dispose](): void
}
