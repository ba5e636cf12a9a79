/**
 * What makes an object a *handle*: it lives in shared memory, so the codec sends its address and not its content, and
 * the receiver attaches to the same memory.
 */

/** The method through which the codec recognises a handle and asks how to send it. */
export const SHARE: unique symbol = Symbol.for('multiproc.share') as never

/** Everything a receiver needs to attach to a shared object. */
export interface Handle {
  /** Which class attaches to it: an index into the attach table of `wire/attach.ts`, 0..255. */
  readonly kind: number
  /** The number under which the family knows its memory: `Ledger.publish`. */
  readonly id: number
  /** Plain parameters (element type, length, …): finite numbers. */
  readonly data: readonly number[]
  /** Other handles it needs, e.g. a Value's lock. */
  readonly parts: readonly Shareable[]
}

/** An object that travels as a handle. */
export interface Shareable {
  [SHARE](): Handle
}

/**
 * The two ends of a handle's travel, as the codec sees them. Implemented by the agent; kept this small so that the codec can be tested
 * without shared memory.
 */
export interface HandlePort {
  /**
   * The handle for `object`, made ready to travel.
   * @throws NotCloneableError where it cannot travel (closed, or of another context); the codec adds the path.
   */
  departing(object: Shareable): Handle
  /** The local object for a handle that arrived. */
  arriving(handle: Handle): object
}
