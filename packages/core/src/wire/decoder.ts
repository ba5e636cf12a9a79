import type { Source } from './cursor.js'
import { Reader } from './reader.js'
import type { HandlePort } from './shareable.js'
import { Flag } from './tags.js'

/** Turns messages back into values. What it returns never refers to the memory that the message lay in. */
export class Decoder {
  readonly #port: HandlePort
  /** One for each decoding under way: attaching a handle may decode something itself. */
  readonly #readers: Reader[] = []
  #active = 0
  readonly #sources = new WeakMap<Uint8Array, Source>()
  #lastKey: Uint8Array | undefined
  #lastSource: Source | undefined

  constructor(port: HandlePort) {
    this.#port = port
  }

  /**
   * The value of the message that takes `size` bytes from `offset` on, a multiple of 8.
   *
   * @throws whatever attaching a handle throws
   */
  decode(source: Uint8Array, offset: number, size: number): unknown {
    const memory = source === this.#lastKey && this.#lastSource !== undefined ? this.#lastSource : this.#sourceOf(source)
    if (memory === undefined) return this.decode(aligned(source, offset, size), 0, size)
    const words = memory.words
    const at = offset / 4
    if (words[at] === Flag.Int) return words[at + 1]
    return this.#read(memory, at, size)
  }

  #read(memory: Source, at: number, size: number): unknown {
    const depth = this.#active++
    let reader = this.#readers[depth]
    if (reader === undefined) {
      reader = new Reader(this.#port)
      this.#readers[depth] = reader
    }
    try {
      return reader.read(memory, at, size)
    } finally {
      this.#active--
    }
  }

  /** `source` as words, or undefined where it does not begin at a multiple of 8. */
  #sourceOf(source: Uint8Array): Source | undefined {
    let memory = this.#sources.get(source)
    if (memory === undefined) {
      memory = wordsOf(source)
      if (memory === undefined) return undefined
      this.#sources.set(source, memory)
    }
    this.#lastKey = source
    this.#lastSource = memory
    return memory
  }
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array): Source | undefined {
  if (byteOffset % 8 !== 0) return undefined
  return {
    words: new Int32Array(buffer, byteOffset, Math.floor(byteLength / 4)),
    doubles: new Float64Array(buffer, byteOffset, Math.floor(byteLength / 8)),
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
    text: Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
  }
}

function aligned(source: Uint8Array, offset: number, size: number): Uint8Array {
  const copy = new Uint8Array(size)
  copy.set(source.subarray(offset, offset + size))
  return copy
}
