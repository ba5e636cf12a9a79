import { Tag } from './tags.js'

/** Buffers from this many bytes on are copied once, straight into the target. */
const BLOB_BYTES = 4096
/** Strings up to this length are cheaper to write by hand than by a call into Node. */
const BY_HAND = 16
const FIRST_WORDS = 2048
/** A scratch that grew beyond this is given back after its message. */
const KEPT_WORDS = 1 << 18
/** Up to this many bytes a loop beats `TypedArray.set`. */
const LOOPED_BYTES = 16
/** Making the part of an array that is to be copied costs as much as copying it: parts up to this size are kept. */
const KEPT_PARTS = 1024

const doubles = new Float64Array(1)
const halves = new Int32Array(doubles.buffer)
const longs = new BigInt64Array(doubles.buffer)

interface Blob {
  /** The word of the scratch before which it stands. */
  readonly at: number
  readonly bytes: Uint8Array
  readonly length: number
}

/** The words of a message under construction: a scratch that grows, and references to the large buffers that go between. */
export class Words {
  /** The scratch; replaced when it grows, so never keep it across a call that may write. */
  words: Int32Array<ArrayBuffer> = new Int32Array(FIRST_WORDS)
  doubles = new Float64Array(this.words.buffer)
  /** The same bytes twice: a Buffer writes strings, and a plain array is cheaper to take a part of. */
  #text = Buffer.from(this.words.buffer)
  #bytes = new Uint8Array(this.words.buffer)
  readonly #parts: (Uint8Array | undefined)[] = new Array((KEPT_PARTS >> 3) + 1).fill(undefined)
  /** The next word to write. */
  at = 0
  #limit = FIRST_WORDS
  readonly #blobs: Blob[] = []
  /** Words of all blobs so far. */
  #blobWords = 0

  /** Where the next word will stand in the message. */
  get position(): number {
    return this.at + this.#blobWords
  }

  /** Bytes of the whole message. */
  get byteSize(): number {
    return this.position * 4
  }

  get blobCount(): number {
    return this.#blobs.length
  }

  reset(): void {
    this.at = 0
    if (this.#blobs.length > 0) this.#blobs.length = 0
    this.#blobWords = 0
    if (this.#limit > KEPT_WORDS) this.#replace(new Int32Array(FIRST_WORDS))
  }

  /** Lets go of what the message referred to. */
  release(): void {
    if (this.#blobs.length > 0 || this.#limit > KEPT_WORDS) this.reset()
  }

  rewind(at: number, blobCount: number): void {
    while (this.#blobs.length > blobCount) this.#blobWords -= paddedWords(this.#blobs.pop()?.length ?? 0)
    this.at = at
  }

  /** Makes room for `count` words more. */
  reserve(count: number): void {
    if (this.at + count > this.#limit) this.#grow(count)
  }

  word(word: number): void {
    this.reserve(1)
    this.words[this.at++] = word
  }

  words2(first: number, second: number): void {
    this.reserve(2)
    this.words[this.at] = first
    this.words[this.at + 1] = second
    this.at += 2
  }

  double(value: number): void {
    this.reserve(2)
    doubles[0] = value
    this.words[this.at] = halves[0] as number
    this.words[this.at + 1] = halves[1] as number
    this.at += 2
  }

  number(value: number): void {
    this.reserve(4)
    const at = this.at
    const integer = value | 0
    if (integer === value && (value !== 0 || 1 / value > 0)) {
      if ((integer << 8) >> 8 === integer) {
        this.words[at] = (integer << 8) | Tag.Int24
        this.at = at + 1
      } else {
        this.words[at] = Tag.Int32
        this.words[at + 1] = integer
        this.at = at + 2
      }
      return
    }
    this.words[at] = Tag.Double
    // Aligned: putting a double together from two words costs more than all the rest.
    const aligned = (at + 2) & ~1
    this.doubles[aligned >> 1] = value
    this.at = aligned + 2
  }

  bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.reserve(3)
      longs[0] = value
      this.words[this.at] = Tag.BigInt64
      this.words[this.at + 1] = halves[0] as number
      this.words[this.at + 2] = halves[1] as number
      this.at += 3
      return
    }
    this.word(((value < 0n ? 1 : 0) << 8) | Tag.BigIntHex)
    this.string((value < 0n ? -value : value).toString(16))
  }

  string(text: string): void {
    const length = text.length
    if (length > BY_HAND) return this.#longString(text, length)
    this.reserve(1 + (BY_HAND >> 1))
    const first = (this.at + 1) * 4
    const bytes = this.#bytes
    let all = 0
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      all |= code
      bytes[first + i] = code
    }
    if (all > 0xff) return this.#utf16(text, length)
    this.words[this.at] = (length << 8) | Tag.Latin1
    this.at += 1 + ((length + 3) >> 2)
  }

  /** Bytes, padded to 8; they must not change before the message is copied. */
  bytes(bytes: Uint8Array): void {
    this.align()
    const words = paddedWords(bytes.byteLength)
    if (bytes.byteLength >= BLOB_BYTES) {
      this.#blobs.push({ at: this.at, bytes, length: bytes.byteLength })
      this.#blobWords += words
    } else {
      this.reserve(words)
      this.#bytes.set(bytes, this.at * 4)
      this.at += words
    }
  }

  /** Pads to 8 bytes. */
  align(): void {
    if ((this.at & 1) === 1) this.word(0)
  }

  /** Whether every large buffer is still what it was: a getter may have detached or shrunk one since. */
  get intact(): boolean {
    return this.#blobs.length === 0 || this.#blobs.every((blob) => blob.bytes.byteLength === blob.length)
  }

  /** Copies the message to `target`, which may be shared, at the 8-aligned byte `offset`. */
  copyTo(target: Uint8Array, offset: number): void {
    if (this.#blobs.length > 0) return this.#copyWithBlobs(target, offset)
    const size = this.at * 4
    const bytes = this.#bytes
    if (size > LOOPED_BYTES) target.set(size <= KEPT_PARTS ? this.#part(size) : bytes.subarray(0, size), offset)
    else for (let i = 0; i < size; i++) target[offset + i] = bytes[i] as number
  }

  /** The first `size` bytes, a multiple of 8. */
  #part(size: number): Uint8Array {
    const known = this.#parts[size >> 3]
    if (known !== undefined) return known
    const part = this.#bytes.subarray(0, size)
    this.#parts[size >> 3] = part
    return part
  }

  #copyWithBlobs(target: Uint8Array, offset: number): void {
    let from = 0
    for (const blob of this.#blobs) {
      target.set(this.#bytes.subarray(from * 4, blob.at * 4), offset)
      offset += (blob.at - from) * 4
      target.set(blob.bytes, offset)
      offset += paddedWords(blob.length) * 4
      from = blob.at
    }
    target.set(this.#bytes.subarray(from * 4, this.at * 4), offset)
  }

  #longString(text: string, length: number): void {
    const header = length < 1 << 24 ? 1 : 2
    this.reserve(header + ((length + 7) >> 2))
    const first = (this.at + header) * 4
    // UTF-8 of ASCII is as long as the text, of anything else longer. The 4 bytes to spare let that show even where a character is cut off.
    if (this.#text.write(text, first, length + 4, 'utf8') !== length) {
      if (!isLatin1(text)) return this.#utf16(text, length)
      this.#text.write(text, first, length, 'latin1')
    }
    this.#stringHeader(length, Tag.Latin1, Tag.LongLatin1)
    this.at += (length + 3) >> 2
  }

  #utf16(text: string, length: number): void {
    this.reserve(2 + ((length + 1) >> 1))
    this.#stringHeader(length, Tag.Utf16, Tag.LongUtf16)
    this.#text.write(text, this.at * 4, length * 2, 'utf16le')
    this.at += (length + 1) >> 1
  }

  #stringHeader(length: number, short: Tag, long: Tag): void {
    if (length < 1 << 24) this.words[this.at++] = (length << 8) | short
    else {
      this.words[this.at] = long
      this.words[this.at + 1] = length
      this.at += 2
    }
  }

  #grow(count: number): void {
    const words = new Int32Array(Math.max(this.#limit * 2, this.at + count + 1) & ~1)
    words.set(this.words.subarray(0, this.at))
    this.#replace(words)
  }

  #replace(words: Int32Array<ArrayBuffer>): void {
    this.words = words
    this.doubles = new Float64Array(words.buffer)
    this.#text = Buffer.from(words.buffer)
    this.#bytes = new Uint8Array(words.buffer)
    this.#limit = words.length
    this.#parts.fill(undefined)
  }
}

/** Words that `bytes` bytes take when padded to 8. */
export function paddedWords(bytes: number): number {
  return Math.ceil(bytes / 8) * 2
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false
  return true
}
