/** Validation that many public methods share. It happens once, in the public method; what lies below receives clean arguments. */

/** How long to wait, and what may end the wait early. */
export interface WaitOptions {
  /** ms on the monotonic clock, fixed at the call. Absent, `undefined`, `Infinity`: for ever; 0: try once. */
  readonly timeout?: number | undefined
  /** Ends the wait; the promise rejects with its reason. Async forms only. */
  readonly signal?: AbortSignal | undefined
}

/** The options of sync forms. */
export interface SyncWaitOptions {
  /** ms on the monotonic clock, fixed at the call. Absent, `undefined`, `Infinity`: for ever; 0: try once. */
  readonly timeout?: number | undefined
}

/** What was given, as an error message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return `an object (${value.constructor?.name ?? 'without a prototype'})`
  return String(value)
}

/**
 * @param what names the options in messages, e.g. `the options of acquire()`
 * @throws TypeError where it is given and not an object
 */
export function checkOptions<T extends object>(options: T | undefined, what: string): T | undefined {
  if (options === undefined) return undefined
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(`${what} must be an object; got ${shown(options)}`)
  return options
}

/** @throws TypeError where it is given and neither true nor false */
export function flagOf(flag: unknown, name: string, absent: boolean): boolean {
  if (flag === undefined) return absent
  if (typeof flag !== 'boolean') throw new TypeError(`${name} must be true or false; got ${shown(flag)}`)
  return flag
}

/**
 * The moment at which a wait ends, on the clock of `performance.now()`.
 * @throws TypeError for what is no number, RangeError for negatives
 */
export function deadlineOf(options: SyncWaitOptions | undefined): number {
  const timeout = options?.timeout
  if (timeout === undefined) return Number.POSITIVE_INFINITY
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new TypeError(`timeout must be a number of milliseconds; got ${shown(timeout)}`)
  }
  if (timeout < 0) throw new RangeError(`timeout must not be negative; got ${timeout}`)
  return performance.now() + timeout
}

/** @throws TypeError where a signal is given that is none */
export function signalOf(options: WaitOptions | undefined): AbortSignal | undefined {
  const signal = options?.signal
  if (signal === undefined) return undefined
  if (!(signal instanceof AbortSignal)) throw new TypeError(`signal must be an AbortSignal; got ${shown(signal)}`)
  return signal
}

/** @throws TypeError where a sync form is given a signal: nothing can raise it while the thread is blocked */
export function refuseSignal(options: SyncWaitOptions | undefined): void {
  if ((options as WaitOptions | undefined)?.signal !== undefined) {
    throw new TypeError(
      'a sync wait takes no signal: nothing can abort it while this thread is blocked. Use timeout, or the async form',
    )
  }
}

/** The clean arguments of a sync wait: its deadline. */
export function syncDeadline(options: SyncWaitOptions | undefined, what: string): number {
  if (options === undefined) return Number.POSITIVE_INFINITY
  checkOptions(options, what)
  refuseSignal(options)
  return deadlineOf(options)
}
