import { TimeoutError } from '../errors.js'
import { delayUntil } from '../sync/timer.js'

/** What an alarm ends when its time has come. */
export interface Cancellable {
  /** Ends it with an error of the caller's: its timeout, its abort, the pool's end. */
  cancel(error: unknown): void
}

/** The alarms of one pool that are set: its event loop rings them, or, while that is blocked, whoever blocks it. */
export class Alarms {
  readonly #set = new Set<Alarm>()

  /** @see Alarm */
  add(call: Cancellable, deadline: number): Alarm {
    return new Alarm(call, deadline, this.#set)
  }

  /** When the first one is to ring, on the clock of `performance.now()`. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { deadline } of this.#set) next = Math.min(next, deadline)
    return next
  }

  ringThoseDue(): void {
    for (const alarm of [...this.#set]) alarm.ringIfDue()
  }
}

/** Cancels a call when its time is up. */
export class Alarm {
  readonly #call: Cancellable
  readonly deadline: number
  readonly #all: Set<Alarm>
  #timer: NodeJS.Timeout | undefined
  #holds = true

  /**
   * @param deadline on the clock of `performance.now()`; `Infinity`: never
   * @param all those that are set; it is one of them until it is disarmed
   */
  constructor(call: Cancellable, deadline: number, all: Set<Alarm>) {
    this.#call = call
    this.deadline = deadline
    this.#all = all
    if (deadline === Number.POSITIVE_INFINITY) return
    all.add(this)
    // With no time left it has one turn of the event loop all the same.
    this.#arm()
  }

  /** Whether it keeps this agent alive; at first it does. */
  hold(holds: boolean): void {
    this.#holds = holds
    if (holds) this.#timer?.ref()
    else this.#timer?.unref()
  }

  /** Its call is cancelled where it is time. `false`: it is not. */
  ringIfDue(): boolean {
    if (this.deadline > performance.now()) return false
    this.disarm()
    this.#call.cancel(tooLate())
    return true
  }

  disarm(): void {
    this.#all.delete(this)
    clearTimeout(this.#timer)
  }

  #arm(): void {
    this.#timer = setTimeout(
      () => {
        if (!this.ringIfDue()) this.#arm()
      },
      delayUntil(this.deadline, performance.now()),
    )
    if (!this.#holds) this.#timer.unref()
  }
}

export function tooLate(): TimeoutError {
  return new TimeoutError(
    'the call was not done in time; what was queued of it is dropped, and workers busy with it are replaced',
  )
}
