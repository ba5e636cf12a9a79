import type { SyncWaitOptions, WaitOptions } from '../options.js'

/** A flag that all agents of a family can wait for. */
export interface Event {
  /** Raises the flag and releases everyone who waits. Where it is up already, nothing changes. */
  set(): void
  /** Lowers the flag: from now on, who comes waits. Whoever was waiting when it was last raised is released all the same. */
  clear(): void
  /** Whether the flag is up at this moment. */
  readonly isSet: boolean
  /**
   * Waits until the flag is up, or has been since the call.
   * @returns false when time ran out
   */
  wait(options?: WaitOptions): Promise<boolean>
  /** As `wait`, blocking this thread. */
  waitSync(options?: SyncWaitOptions): boolean
}
