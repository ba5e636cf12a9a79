import type { Agent } from '../agent.js'
import type { WaitlistPlace } from '../sync/waitlist.js'

/**
 * The method by which `wait` asks an object how to wait for it.
 *
 * @throws what makes it no thing to wait for: ClosedError, StateError
 */
export const WAITABLE: unique symbol = Symbol.for('multiproc.waitable') as never

/** Something that becomes ready and can be looked at without being changed. */
export interface Waitable extends WaitlistPlace {
  readonly agent: Agent
  /** Whether it is ready. Its waitlist is notified whenever this may have changed. */
  isReady(): boolean
  /** Before the first sleep: what could only be found out by asking the system. */
  examine?(): void
  /** ms after which a blocked thread is to look again in any case: for what only its event loop would be told of. */
  readonly tick?: number
}
