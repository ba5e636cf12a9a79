import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { Target } from '../target/task.js'

export interface BarrierOptions {
  /** Run by the last party to arrive, before any of them goes on. What it returns is awaited. */
  readonly action?: Target<[]> | undefined
  /** ms; how long each `wait()` waits that does not say otherwise. Default: for ever. */
  readonly timeout?: number | undefined
}

/**
 * Lets a number of parties go on together, again and again. It breaks when one of them cannot be waited for any longer (its time ran out, it was aborted, the
 * action failed or died): then each of them gets a BrokenBarrierError, and so does everyone who comes, until `reset()`.
 */
export interface Barrier {
  /**
   * Waits until all parties have come.
   * @returns which of them this is, by the order of arrival: 0 … parties - 1
   * @throws BrokenBarrierError where the barrier is or gets broken, also by the end of this wait's time; what the action threw, in the party that ran it
   */
  wait(options?: WaitOptions): Promise<number>
  /**
   * As `wait`, blocking this thread.
   * @throws TypeError, and the barrier breaks, where the action gives a promise; TargetError, likewise, where its module has not been loaded here and awaits something at its top level
   */
  waitSync(options?: SyncWaitOptions): number
  /** Makes it as new. Parties that wait at this moment get a BrokenBarrierError. */
  reset(): void
  /** Breaks it. */
  abort(): void
  readonly broken: boolean
  /** How many parties have come and wait for the others at this moment; 0 while it is broken. */
  readonly waiting: number
  /** How many it takes. */
  readonly parties: number
}
