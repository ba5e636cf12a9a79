import type { WaitOptions } from '../options.js'

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
  /** Waits until the call is over, well or not. `false` when `timeout` has passed before. */
  wait(options?: WaitOptions): Promise<boolean>
  /** Whether the call is over. */
  ready(): boolean
  /** Whether it ended without an error. @throws StateError while it is not over */
  successful(): boolean
}
