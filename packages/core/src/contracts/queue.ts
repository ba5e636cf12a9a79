import type { SyncWaitOptions, WaitOptions } from '../options.js'

export interface QueueOptions {
  /** The most items it holds; 0 or absent: bounded only by memory. */
  readonly maxsize?: number | undefined
}

/**
 * First in, first out, for any number of producers and consumers. The order of completed puts is the order of gets; each item is delivered once. An item is
 * in shared memory when `put` is done: its producer may end, or be killed, right after.
 */
export interface Queue<T = unknown> {
  /**
   * Puts an item, waiting for room.
   * @throws QueueFullError when time ran out; ClosedError after `close` or `shutdown`; NotCloneableError, at the call, for what cannot travel
   */
  put(item: T, options?: WaitOptions): Promise<void>
  /** As `put`, blocking this thread. */
  putSync(item: T, options?: SyncWaitOptions): void
  /** Puts it now or never: `false` where there is no room. */
  tryPut(item: T): boolean
  /**
   * Takes the oldest item, waiting for one.
   * @throws QueueEmptyError when time ran out; ClosedError when the queue is shut down and drained
   */
  get(options?: WaitOptions): Promise<T>
  /** As `get`, blocking this thread. */
  getSync(options?: SyncWaitOptions): T
  /** Takes the oldest item, or `undefined` where there is none. */
  tryGet(): T | undefined
  /** Items in it at this moment. */
  readonly size: number
  readonly empty: boolean
  readonly full: boolean
  /** 0: bounded only by memory. */
  readonly maxsize: number
  /** No more puts by this agent; it may still get. */
  close(): void
  /** No more puts by anyone: what is left can be got, then getters get a ClosedError. `immediate` drops what is left. */
  shutdown(options?: { readonly immediate?: boolean | undefined }): void
  /** The items as they come, until the queue is shut down and drained. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>
  [Symbol.dispose](): void
}
