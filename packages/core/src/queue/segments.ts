import type { Agent } from '../agent.js'
import type { Trace } from '../memory/kinds.js'
import { type Place, pack, unpack } from '../memory/space.js'
import {
  HEADER_BYTES,
  INLINE_BYTES,
  KIND_MASK,
  type Outgoing,
  REVOKED,
  REVOKED_BIT,
  RecordKind,
  recordBytes,
  SIZE_SHIFT,
} from './record.js'

/** Sizes of segments, headers of the heap included: small at first, so that ten thousand queues are cheap, then whole pages. */
const SMALLEST_BYTES = 512
const LARGEST_BYTES = 65536
const HEAP_HEADER_BYTES = 8

/** Where an appended record ended. */
interface End {
  /** Packed address of the segment it went to, and the byte in it after the record. */
  segment: number
  position: number
  /** The first segment, where this was the first record of all. */
  first: number
}

/** How a record's bytes become an item, where the codec alone is not enough. */
export type Decode = (bytes: Uint8Array, offset: number, size: number) => unknown

/**
 * The chain of blocks in which a ring's records lie, oldest first. Producers append, under their lock; consumers read, under theirs, and free each segment that they
 * leave behind. A segment's first word is its size in bytes; room for a `next` record is kept at its end.
 *
 * One object serves one ring in one agent, for both ends; the results of `append` and `read` are left in its fields, to spare allocation.
 */
export class Segments {
  static readonly START = 8
  readonly #agent: Agent
  readonly #end: End = { segment: 0, position: 0, first: 0 }
  #tailPacked = 0
  #tailPlace: Place | undefined
  #headPacked = 0
  #headPlace: Place | undefined

  /** After `read`: where the record after it begins. */
  segment = 0
  position = 0
  #kind = 0
  #int = 0
  #size = 0
  #address = 0
  #handles: readonly number[] = NO_HANDLES
  /** Left behind by the last `read`, to be freed once the take is committed; 0: none. */
  #spent = 0
  #revoked = false

  constructor(agent: Agent) {
    this.#agent = agent
  }

  static place(agent: Agent, packed: number): Place {
    const address = unpack(packed)
    const { views, offset } = agent.space.at(address, 8)
    return agent.space.at(address, views.i32[offset / 4] as number)
  }

  /** The packed address of the segment in which the record at `position` really is; 0: in this one. */
  static follow(place: Place, position: number): number {
    const at = (place.offset + position) / 4
    return ((place.views.i32[at] as number) & KIND_MASK) === RecordKind.next ? (place.views.i32[at + 1] as number) : 0
  }

  static after(place: Place, position: number): number {
    const at = (place.offset + position) / 4
    const header = place.views.i32[at] as number
    const kind = (header & KIND_MASK) as RecordKind
    const handles = kind === RecordKind.int ? 0 : (place.views.i32[at + 1] as number)
    return position + recordBytes(kind, header >>> SIZE_SHIFT, handles)
  }

  static trace(place: Place, position: number, found: Trace): void {
    const { i32 } = place.views
    const at = (place.offset + position) / 4
    const header = i32[at] as number
    const kind = header & KIND_MASK
    if (kind === RecordKind.int) return
    if (kind === RecordKind.large) found.block(unpack(i32[at + 2] as number))
    if ((header & REVOKED_BIT) !== 0) return
    const ids = at + 2 + (kind === RecordKind.large ? 2 : (header >>> SIZE_SHIFT) / 4)
    for (let n = (i32[at + 1] as number) - 1; n >= 0; n--) {
      const id = i32[ids + n] as number
      if (id !== 0) found.handle(id)
    }
  }

  /** Marks a record so that whoever takes it gets `REVOKED`. The consumers' lock must be held. */
  static revoke(place: Place, position: number): void {
    const at = (place.offset + position) / 4
    place.views.i32[at] = (place.views.i32[at] as number) | REVOKED_BIT
  }

  /** Writes a record after the last one. Nobody sees it before the count does. */
  append(segment: number, position: number, record: Outgoing): End {
    const end = this.#end
    const bytes = recordBytes(record.kind, record.size, record.handles.length)
    let place: Place
    if (segment === 0) {
      segment = this.#allocate(SMALLEST_BYTES, bytes)
      end.first = segment
      position = Segments.START
      place = this.#tail(segment)
    } else {
      place = this.#tail(segment)
      const capacity = place.views.i32[place.offset / 4] as number
      if (position + bytes + HEADER_BYTES > capacity) {
        const next = this.#allocate((capacity + HEAP_HEADER_BYTES) * 4, bytes)
        const at = (place.offset + position) / 4
        place.views.i32[at] = RecordKind.next
        place.views.i32[at + 1] = next
        segment = next
        position = Segments.START
        place = this.#tail(segment)
      }
    }
    const { i32 } = place.views
    const at = (place.offset + position) / 4
    if (record.kind === RecordKind.int) {
      i32[at] = RecordKind.int
      i32[at + 1] = record.int
    } else {
      const { handles } = record
      let ids = at + 2
      if (record.kind === RecordKind.inline) {
        i32[at] = RecordKind.inline | (record.size << SIZE_SHIFT)
        record.copyTo(place.views.u8, place.offset + position + HEADER_BYTES)
        ids += record.size / 4
      } else {
        i32[at] = RecordKind.large
        i32[ids++] = pack(record.address)
        i32[ids++] = record.size | 0
      }
      i32[at + 1] = handles.length
      for (const id of handles) i32[ids++] = id
    }
    end.segment = segment
    end.position = position + bytes
    return end
  }

  /**
   * Reads the record at a position: what `decode` needs is copied, and everything that changes hands is answered for by this agent.
   * @param revoked as if it were
   */
  read(segment: number, position: number, scratch: Int32Array, revoked = false): void {
    let place = this.#head(segment)
    this.#spent = 0
    const next = Segments.follow(place, position)
    if (next !== 0) {
      // Before the take is committed: if this agent dies in between, it is still reachable; if right after, it is this agent's to be swept.
      this.#agent.heap.setOwner(unpack(segment), this.#agent.tag)
      this.#spent = segment
      segment = next
      position = Segments.START
      place = this.#head(segment)
    }
    const { i32 } = place.views
    const at = (place.offset + position) / 4
    const header = i32[at] as number
    this.#kind = header & KIND_MASK
    this.#revoked = revoked || (header & REVOKED_BIT) !== 0
    this.segment = segment
    if (this.#kind === RecordKind.int) {
      this.#int = i32[at + 1] as number
      this.position = position + HEADER_BYTES
      return
    }
    const count = i32[at + 1] as number
    let ids = at + 2
    if (this.#kind === RecordKind.inline) {
      const size = header >>> SIZE_SHIFT
      this.#size = size
      if (size <= COPY_BY_WORD_BYTES) for (let n = size / 4 - 1; n >= 0; n--) scratch[n] = i32[at + 2 + n] as number
      else scratch.set(i32.subarray(at + 2, at + 2 + size / 4))
      ids += size / 4
    } else {
      this.#address = unpack(i32[ids++] as number)
      this.#size = (i32[ids++] as number) >>> 0
      this.#agent.heap.setOwner(this.#address, this.#agent.tag)
    }
    this.#handles = count === 0 ? NO_HANDLES : Array.from(i32.subarray(ids, ids + count))
    if (!this.#revoked) for (const id of this.#handles) if (id !== 0) this.#agent.ledger.hold(id)
    this.position = position + recordBytes(this.#kind as RecordKind, this.#size, count)
  }

  /** The item of the record that `read` read, after the take was committed. */
  decode(scratch: Uint8Array, decode: Decode | undefined): unknown {
    if (this.#spent !== 0) this.#agent.heap.free(unpack(this.#spent))
    if (this.#kind === RecordKind.int) return this.#revoked ? REVOKED : this.#int
    // Decoding may take from other rings, never from this one; still, what it needs is taken over first.
    const large = this.#kind === RecordKind.large ? this.#address : 0
    const handles = this.#handles
    try {
      if (this.#revoked) return REVOKED
      if (large === 0) return decode ? decode(scratch, 0, this.#size) : this.#agent.decoder.decode(scratch, 0, this.#size)
      const { views, offset } = this.#agent.space.at(large, this.#size)
      return decode ? decode(views.u8, offset, this.#size) : this.#agent.decoder.decode(views.u8, offset, this.#size)
    } catch (error) {
      this.#agent.forget(handles)
      throw error
    } finally {
      if (large !== 0) this.#agent.heap.free(large)
    }
  }

  #allocate(gross: number, record: number): number {
    const needed = Segments.START + record + HEADER_BYTES
    const bytes = Math.max(needed, Math.min(gross, LARGEST_BYTES) - HEAP_HEADER_BYTES)
    const address = this.#agent.heap.allocate(bytes, false)
    const { views, offset } = this.#agent.space.at(address, bytes)
    views.i32[offset / 4] = bytes
    return pack(address)
  }

  #tail(packed: number): Place {
    if (packed !== this.#tailPacked || !this.#tailPlace || !covers(this.#tailPlace)) {
      this.#tailPlace = Segments.place(this.#agent, packed)
      this.#tailPacked = packed
    }
    return this.#tailPlace
  }

  #head(packed: number): Place {
    if (packed !== this.#headPacked || !this.#headPlace || !covers(this.#headPlace)) {
      this.#headPlace = Segments.place(this.#agent, packed)
      this.#headPacked = packed
    }
    return this.#headPlace
  }
}

/** Whether the views reach to the segment's end: another one, longer, may have come to its address after the memory had grown. */
function covers({ views, offset }: Place): boolean {
  return offset + (views.i32[offset / 4] as number) <= views.bytes
}

/** Up to here a loop is faster than a native copy with its view. */
const COPY_BY_WORD_BYTES = 256
const NO_HANDLES: readonly number[] = []

if (INLINE_BYTES * 2 > LARGEST_BYTES) throw new Error('a segment must have room for several inline records')
