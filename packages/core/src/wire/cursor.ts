import { shortLatin1 } from './short-strings.js'
import { paddedWords } from './words.js'

/** Strings up to this length are cheaper to read by hand than by a call into Node. */
const BY_HAND = 12

const doubles = new Float64Array(1)
const halves = new Int32Array(doubles.buffer)
const longs = new BigInt64Array(doubles.buffer)

/** Memory that messages are read from: the same bytes in every form that reading needs. It begins at a multiple of 8. */
export interface Source {
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly bytes: Uint8Array
  /** For Buffer's decoding of strings. */
  readonly text: Buffer
}

const NOTHING: Source = {
  words: new Int32Array(0),
  doubles: new Float64Array(0),
  bytes: new Uint8Array(0),
  text: Buffer.alloc(0),
}

/** A place in a source, and the reading of what has no structure: the counterpart of Words. */
export class Cursor {
  source: Source = NOTHING
  /** Those of the source: one look-up less. */
  words = NOTHING.words
  /** The next word to read. */
  at = 0

  /** Goes to the word `at` of `source`. */
  go(source: Source, at: number): void {
    if (source !== this.source) {
      this.source = source
      this.words = source.words
    }
    this.at = at
  }

  word(): number {
    return this.words[this.at++] as number
  }

  peek(): number {
    return this.words[this.at] as number
  }

  double(): number {
    halves[0] = this.words[this.at] as number
    halves[1] = this.words[this.at + 1] as number
    this.at += 2
    return doubles[0] as number
  }

  /** A double after padding to 8. */
  alignedDouble(): number {
    const at = (this.at + 1) & ~1
    this.at = at + 2
    return this.source.doubles[at >> 1] as number
  }

  bigint64(): bigint {
    this.double()
    return longs[0] as bigint
  }

  latin1(length: number): string {
    const first = this.at * 4
    this.at += (length + 3) >> 2
    const { bytes, text } = this.source
    return length <= BY_HAND ? shortLatin1(bytes, first, length) : text.toString('latin1', first, first + length)
  }

  utf16(length: number): string {
    const first = this.at * 4
    this.at += (length + 1) >> 1
    return this.source.text.toString('utf16le', first, first + length * 2)
  }

  /** Fills `target` with the bytes that follow, after padding to 8, and skips the padding behind them. */
  copyBytes<T extends Uint8Array>(target: T): T {
    this.at += this.at & 1
    const first = this.at * 4
    target.set(this.source.bytes.subarray(first, first + target.length))
    this.at += paddedWords(target.length)
    return target
  }
}
