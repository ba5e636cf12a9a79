import type { AsyncResult as AsyncResultContract } from '../contracts/async-result.js'
import { StateError, TimeoutError } from '../errors.js'
import { checkOptions, deadlineOf, signalOf, type WaitOptions } from '../options.js'
import { settleWithin } from '../sync/settle-within.js'
import { callBack } from './user-callback.js'

/** The functions given to `applyAsync` and its siblings. */
export interface Callbacks {
  readonly callback: ((value: never) => unknown) | undefined
  readonly errorCallback: ((error: unknown) => unknown) | undefined
}

/** @see AsyncResultContract */
export class AsyncResult implements AsyncResultContract<unknown> {
  readonly #outcome: Promise<unknown>
  /** Resolves when it is over, whichever way. */
  readonly #over: Promise<boolean>
  #state: 'pending' | 'fulfilled' | 'rejected' = 'pending'

  /** @param outcome its rejection is handled from now on: whoever asks is told */
  constructor(outcome: Promise<unknown>, { callback, errorCallback }: Callbacks) {
    this.#outcome = outcome
    this.#over = outcome.then(
      (value) => {
        this.#state = 'fulfilled'
        if (callback) callBack(callback, value as never)
        return true
      },
      (error: unknown) => {
        this.#state = 'rejected'
        if (errorCallback) callBack(errorCallback, error)
        return true
      },
    )
  }

  get(options?: WaitOptions): Promise<unknown> {
    return within(this.#outcome, options, 'get()', late)
  }

  wait(options?: WaitOptions): Promise<boolean> {
    const tooLate = late()
    return within(this.#over, options, 'wait()', () => tooLate).catch((error: unknown) => {
      if (error === tooLate) return false
      throw error
    })
  }

  ready(): boolean {
    return this.#state !== 'pending'
  }

  successful(): boolean {
    if (this.#state !== 'pending') return this.#state === 'fulfilled'
    throw new StateError('successful() of a call that is not over: wait() for it, or ask ready() first')
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
