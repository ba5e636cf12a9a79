import type { AsyncResult as AsyncResultContract } from '../contracts/async-result.js'
import { StateError, TimeoutError } from '../errors.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { settleWithin } from '../sync/settle-within.js'
import { type CallHandle, failedCall, type PendingCall, rethrown, settledCall } from './call.js'
import { callBack } from './user-callback.js'

/** The functions given to `applyAsync` and its siblings. */
export interface Callbacks {
  readonly callback: ((value: never) => unknown) | undefined
  readonly errorCallback: ((error: unknown) => unknown) | undefined
}

/** How a thread is blocked until a call is over; `false` when time ran out. Throws where the call cannot end without the thread's event loop. */
export type BlockFor = (call: PendingCall | undefined, deadline: number) => boolean

/** @see AsyncResultContract */
export class AsyncResult implements AsyncResultContract<unknown> {
  readonly #outcome: Promise<unknown>
  /** Resolves when it is over, whichever way. */
  readonly #over: Promise<boolean>
  readonly #handle: CallHandle
  readonly #blockFor: BlockFor

  /** @param outcome of the call in the handle; its rejection is handled from now on: whoever asks is told */
  constructor(outcome: Promise<unknown>, { callback, errorCallback }: Callbacks, handle: CallHandle, blockFor: BlockFor) {
    this.#outcome = outcome
    this.#handle = handle
    this.#blockFor = blockFor
    this.#over = outcome.then(
      (value) => {
        // Its arguments need not be kept for as long as its result.
        handle.call = settledCall(() => value)
        if (callback) callBack(callback, value as never)
        return true
      },
      (error: unknown) => {
        handle.call = failedCall(error)
        if (errorCallback) callBack(errorCallback, error)
        return true
      },
    )
  }

  get(options?: WaitOptions): Promise<unknown> {
    return within(this.#outcome, options, 'get()', late)
  }

  getSync(options?: SyncWaitOptions): unknown {
    const deadline = syncDeadline(options, 'the options of getSync()')
    if (!this.#blockFor(this.#handle.call, deadline)) throw late()
    try {
      return this.#handle.call?.result()
    } catch (error) {
      throw rethrown(error)
    }
  }

  wait(options?: WaitOptions): Promise<boolean> {
    const tooLate = late()
    return within(this.#over, options, 'wait()', () => tooLate).catch((error: unknown) => {
      if (error === tooLate) return false
      throw error
    })
  }

  waitSync(options?: SyncWaitOptions): boolean {
    return this.#blockFor(this.#handle.call, syncDeadline(options, 'the options of waitSync()'))
  }

  ready(): boolean {
    return this.#handle.call?.settled ?? false
  }

  successful(): boolean {
    const { call } = this.#handle
    if (!call?.settled) throw new StateError('successful() of a call that is not over: wait() for it, or ask ready() first')
    try {
      call.result()
      return true
    } catch {
      return false
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: it is there to be awaited
  then<A = unknown, B = never>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#outcome.then(onFulfilled, onRejected)
  }
}

function late(): TimeoutError {
  return new TimeoutError('the call is not over yet; it goes on, and can be asked again')
}

function within<T>(promise: Promise<T>, options: WaitOptions | undefined, what: string, expired: () => Error): Promise<T> {
  checkOptions(options, `the options of ${what}`)
  const deadline = deadlineOf(options)
  const signal = signalOf(options)
  return signal?.aborted ? Promise.reject(signal.reason) : settleWithin(promise, deadline, signal, expired)
}
