import type { Memory } from '../backend.js'

/** The views that core takes of a buffer, of a fixed length each: views that track a growable buffer's length are 35 to 75 times slower. */
export interface Views {
  readonly bytes: number
  readonly i8: Int8Array
  readonly u8: Uint8Array
  readonly i16: Int16Array
  readonly u16: Uint16Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly i64: BigInt64Array
  readonly u64: BigUint64Array
  readonly f32: Float32Array
  readonly f64: Float64Array
}

/** Where an address lies in this agent. */
export interface Place {
  readonly views: Views
  /** Bytes from the start of the views. */
  readonly offset: number
}

/**
 * This agent's view of the family's memory: addresses in, typed views out. Addresses are bytes from the start of the memory, multiples of 8
 * for everything that is allocated, and stored in shared words as `address / 8`, so that 32 bits reach 32 GiB.
 */
export class Space {
  #views = new WeakMap<ArrayBufferLike, Views>()
  readonly #bases = new WeakMap<ArrayBufferLike, number>()

  constructor(readonly memory: Memory) {}

  /** The views that cover `bytes` bytes at `address`. Valid for ever; the same views while the memory has not grown. */
  at(address: number, bytes: number): Place {
    const { buffer, offset } = this.memory.locate(address, bytes)
    let views = this.#views.get(buffer)
    // A view made before the memory grew still covers what it did; only what lies beyond needs another.
    if (views === undefined || views.bytes < offset + bytes) {
      views = viewsOf(buffer)
      this.#views.set(buffer, views)
      this.#bases.set(buffer, address - offset)
    }
    return { views, offset }
  }

  /** The address of a word, from a view that `at` gave. */
  addressOf(words: Int32Array, index: number): number {
    return (this.#bases.get(words.buffer) ?? 0) + index * 4
  }

  /** Forgets every view, so that the memory can be freed once nobody else holds it. */
  close(): void {
    this.#views = new WeakMap()
  }
}

function viewsOf(buffer: ArrayBufferLike): Views {
  const bytes = Math.floor(buffer.byteLength / 8) * 8
  return {
    bytes,
    i8: new Int8Array(buffer, 0, bytes),
    u8: new Uint8Array(buffer, 0, bytes),
    i16: new Int16Array(buffer, 0, bytes / 2),
    u16: new Uint16Array(buffer, 0, bytes / 2),
    i32: new Int32Array(buffer, 0, bytes / 4),
    u32: new Uint32Array(buffer, 0, bytes / 4),
    i64: new BigInt64Array(buffer, 0, bytes / 8),
    u64: new BigUint64Array(buffer, 0, bytes / 8),
    f32: new Float32Array(buffer, 0, bytes / 4),
    f64: new Float64Array(buffer, 0, bytes / 8),
  }
}

/** An address as it is stored in a 32-bit word. */
export const pack = (address: number): number => (address / 8) | 0
/** The address stored in a word. */
export const unpack = (word: number): number => (word >>> 0) * 8
