import type { Agent } from '../agent.js'
import { INLINE_BYTES, type Outgoing, RecordKind } from './record.js'

/**
 * An item made ready for a ring: encoded once, at the call, so that what cannot travel is refused there and nothing is encoded under a lock.
 * One object an agent is reused for items that are put at once (`prepare`); those that must wait get their own (`detach`).
 */
export class OutgoingItem implements Outgoing {
  readonly #agent: Agent
  kind: RecordKind = RecordKind.int
  int = 0
  size = 0
  address = 0
  handles: readonly number[] = NONE
  #bytes: Uint8Array | undefined
  #prefix: Prefix | undefined
  /** The item itself: while it is neither in the ring nor refused, the objects whose handles it carries must not be collected. */
  item: unknown

  constructor(agent: Agent) {
    this.#agent = agent
  }

  /**
   * @param root names the item in the paths of errors: `item`, `result`, …
   * @param prefix words to go before the encoding, for readers that decode for themselves
   * @throws NotCloneableError
   */
  prepare(item: unknown, root: string, prefix?: Prefix): this {
    if (prefix === undefined && typeof item === 'number' && (item | 0) === item && (item !== 0 || 1 / item > 0)) {
      this.kind = RecordKind.int
      this.int = item
      this.handles = NONE
      this.#prefix = undefined
      return this
    }
    const { encoder, heap, space } = this.#agent
    // First: a getter of the item may use this very object.
    encoder.encode(item, root)
    this.#prefix = prefix
    const size = encoder.size + (prefix ? PREFIX_BYTES : 0)
    this.handles = encoder.handles
    this.size = size
    this.item = item
    if (size <= INLINE_BYTES) {
      this.kind = RecordKind.inline
      return this
    }
    const address = heap.allocate(size, false)
    const { views, offset } = space.at(address, size)
    this.copyTo(views.u8, offset)
    this.kind = RecordKind.large
    this.address = address
    return this
  }

  copyTo(target: Uint8Array, offset: number): void {
    let at = offset
    for (const word of this.#prefix ?? NO_PREFIX) {
      for (let shift = 0; shift < 32; shift += 8) target[at++] = word >>> shift
    }
    if (this.#bytes) target.set(this.#bytes, at)
    else this.#agent.encoder.copyTo(target, at)
  }

  /** The same, independent of the next `prepare`. */
  detach(): OutgoingItem {
    const own = new OutgoingItem(this.#agent)
    own.kind = this.kind
    own.int = this.int
    own.size = this.size
    own.address = this.address
    own.handles = this.handles
    own.item = this.item
    own.#prefix = this.#prefix
    if (this.kind === RecordKind.inline) own.#bytes = this.#agent.encoder.toBytes()
    this.item = undefined
    return own
  }

  /** It is in the ring, which answers for its memory now. */
  done(): void {
    this.item = undefined
  }

  /** It will not be put: gives back what it took. */
  discard(): void {
    if (this.kind === RecordKind.large) this.#agent.heap.free(this.address)
    this.kind = RecordKind.int
    this.item = undefined
  }
}

/** Four 32-bit words. */
export type Prefix = readonly [number, number, number, number]
export const PREFIX_BYTES = 16
const NO_PREFIX: readonly number[] = []
const NONE: readonly number[] = []

/** A word of a record's prefix. */
export function prefixWord(bytes: Uint8Array, offset: number, index: number): number {
  const at = offset + index * 4
  const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as [number, number, number, number]
  return a | (b << 8) | (c << 16) | (d << 24)
}
