import type { SyncWaitOptions, WaitOptions } from '../options.js'

/**
 * A call that was made without waiting for it. It can be awaited, and asked any number of times. An error that nobody asks for is silent, as in Python: no
 * unhandled rejection comes of it.
 */
export interface AsyncResult<R> extends PromiseLike<R> {
  /**
   * The result.
   * @throws TimeoutError when `timeout` has passed: the call goes on, and can be asked again; what the call failed with
   */
  get(options?: WaitOptions): Promise<R>
  /**
   * The same, blocking this thread. Callbacks and promises follow when its event loop turns again.
   * @throws as `get`; StateError while the items of a map are still being read (of anything but an array), which this thread's event loop does; NotSupportedError for a
   * call that is not over on an engine (`capabilities.poolSync`)
   */
  getSync(options?: SyncWaitOptions): R
  /** Waits until the call is over, well or not. `false` when `timeout` has passed before. */
  wait(options?: WaitOptions): Promise<boolean>
  /** The same, blocking this thread. @throws StateError, NotSupportedError as `getSync` */
  waitSync(options?: SyncWaitOptions): boolean
  /** Whether the call is over. */
  ready(): boolean
  /** Whether it ended without an error. @throws StateError while it is not over */
  successful(): boolean
}
