import { IdentityTable } from './identity-table.js'
import type { Words } from './words.js'

/** Views begin where their elements may: no element is larger. */
const ALIGNMENT = 8

/**
 * The ArrayBuffers of a message under construction. One that the data holds itself travels whole, and so does a resizable one; of one that is only seen through views
 * the span from the first to the last byte seen travels, so that all its views share one buffer after arrival and the rest of a large one stays at home.
 */
export class Blocks {
  readonly #buffers = new IdentityTable()
  readonly #list: { readonly buffer: ArrayBuffer; from: number; to: number }[] = []

  get count(): number {
    return this.#list.length
  }

  /** The number of `buffer`, of which `from` to `to` (in bytes) must travel. */
  use(buffer: ArrayBuffer, from: number, to: number): number {
    if (buffer.resizable) {
      from = 0
      to = buffer.byteLength
    }
    from -= from % ALIGNMENT
    const number = this.#buffers.numberOf(buffer)
    const known = this.#list[number]
    if (known === undefined) {
      this.#list.push({ buffer, from, to })
      return this.#buffers.add(buffer)
    }
    known.from = Math.min(known.from, from)
    known.to = Math.max(known.to, to)
    return number
  }

  truncate(count: number): void {
    if (count === this.#list.length) return
    this.#buffers.truncate(count)
    this.#list.length = count
  }

  /** Writes the section that the last word of the message points to. */
  write(words: Words): void {
    words.align()
    const start = words.position
    words.words2(this.#list.length, 0)
    for (const { buffer, from, to } of this.#list) {
      words.double(from)
      words.double(to - from)
      words.double(buffer.resizable ? buffer.maxByteLength : -1)
      words.bytes(new Uint8Array(buffer, from, to - from))
    }
    words.words2(0, start)
  }
}
