import { TimeoutError } from '../errors.js'
import { delayUntil } from '../sync/timer.js'

/** What an alarm ends when its time has come. */
export interface Cancellable {
  /** Ends it with an error of the caller's: its timeout, its abort, the pool's end. */
  cancel(error: unknown): void
}

/** Cancels a call when its time is up. */
export class Alarm {
  readonly #call: Cancellable
  readonly #deadline: number
  #timer: NodeJS.Timeout | undefined
  #holds = true

  /** @param deadline on the clock of `performance.now()`; `Infinity`: never */
  constructor(call: Cancellable, deadline: number) {
    this.#call = call
    this.#deadline = deadline
    // With no time left it has one turn of the event loop all the same.
    if (deadline < Number.POSITIVE_INFINITY) this.#arm()
  }

  /** Whether it keeps this agent alive; at first it does. */
  hold(holds: boolean): void {
    this.#holds = holds
    if (holds) this.#timer?.ref()
    else this.#timer?.unref()
  }

  disarm(): void {
    clearTimeout(this.#timer)
  }

  #arm(): void {
    this.#timer = setTimeout(
      () => {
        if (this.#deadline <= performance.now()) this.#call.cancel(tooLate())
        else this.#arm()
      },
      delayUntil(this.#deadline, performance.now()),
    )
    if (!this.#holds) this.#timer.unref()
  }
}

export function tooLate(): TimeoutError {
  return new TimeoutError(
    'the call was not done in time; what was queued of it is dropped, and workers busy with it are replaced',
  )
}
