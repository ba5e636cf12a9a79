import { shown } from '../options.js'
import { shortLatin1 } from '../wire/short-strings.js'
import type { Source } from './stored-value.js'

/**
 * Keys in shared memory: a word of kind and length, then the content. Numbers are one key where `Map` has one: -0 is 0, and NaN is itself.
 *
 * | kind    | length      | then                        |
 * |---------|-------------|-----------------------------|
 * | integer | –           | one word                    |
 * | double  | –           | two words                   |
 * | latin1  | characters  | a byte each, padded to words |
 * | utf16   | characters  | two bytes each, padded      |
 */
const Kind = { integer: 0, double: 1, latin1: 2, utf16: 3 } as const
const KIND_MASK = 3
const LENGTH_SHIFT = 2
/** Strings up to this length are cheaper to read by hand than by a call into Node. */
const BY_HAND = 12

const doubles = new Float64Array(1)
const halves = new Int32Array(doubles.buffer)

/** @throws TypeError for what is no key */
export function checkKey(key: unknown): void {
  if (typeof key !== 'string' && typeof key !== 'number')
    throw new TypeError(`a key of a SharedMap must be a string or a number; got ${shown(key)}`)
}

/** A key to be looked for, or stored. One object serves one map, key after key. */
export class Probe {
  hash = 0
  /** Words of the key in memory. */
  words = 2
  #kind: number = Kind.integer
  #text = ''
  /** Halves of a double; the first is the integer. */
  #low = 0
  #high = 0

  /** @param seed of the map, so that nobody who chooses keys can choose their places */
  prepare(key: string | number, seed: number): this {
    if (typeof key === 'string') this.#prepareText(key, seed)
    else if ((key | 0) === key) this.#prepareNumber(Kind.integer, key | 0, 0, seed)
    else {
      doubles[0] = key
      // There are many NaNs, and one key.
      if (Number.isNaN(key)) halves.set([0, 0x7ff80000])
      this.#prepareNumber(Kind.double, halves[0] as number, halves[1] as number, seed)
    }
    return this
  }

  matches({ i32, u8 }: Source, at: number): boolean {
    const kind = this.#kind
    if (kind <= Kind.double) {
      return i32[at] === kind && i32[at + 1] === this.#low && (kind === Kind.integer || i32[at + 2] === this.#high)
    }
    const text = this.#text
    if (i32[at] !== this.#header) return false
    const first = (at + 1) * 4
    if (kind === Kind.latin1) {
      for (let n = text.length - 1; n >= 0; n--) if (u8[first + n] !== text.charCodeAt(n)) return false
      return true
    }
    for (let n = text.length - 1; n >= 0; n--) {
      if (((u8[first + n * 2] as number) | ((u8[first + n * 2 + 1] as number) << 8)) !== text.charCodeAt(n)) return false
    }
    return true
  }

  write({ i32, u8 }: Source, at: number): void {
    i32[at] = this.#header
    if (this.#kind <= Kind.double) {
      i32[at + 1] = this.#low
      if (this.#kind === Kind.double) i32[at + 2] = this.#high
      return
    }
    const text = this.#text
    const first = (at + 1) * 4
    if (this.#kind === Kind.latin1) for (let n = 0; n < text.length; n++) u8[first + n] = text.charCodeAt(n)
    else {
      for (let n = 0; n < text.length; n++) {
        const code = text.charCodeAt(n)
        u8[first + n * 2] = code
        u8[first + n * 2 + 1] = code >>> 8
      }
    }
  }

  get #header(): number {
    return this.#kind <= Kind.double ? this.#kind : this.#kind | (this.#text.length << LENGTH_SHIFT)
  }

  #prepareNumber(kind: number, low: number, high: number, seed: number): void {
    this.#kind = kind
    this.#low = low
    this.#high = high
    this.words = kind === Kind.integer ? 2 : 3
    this.hash = mixed(Math.imul(low ^ seed, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b))
  }

  #prepareText(text: string, seed: number): void {
    let hash = seed ^ text.length
    let all = 0
    for (let n = 0; n < text.length; n++) {
      const code = text.charCodeAt(n)
      all |= code
      hash = Math.imul(hash ^ code, 0x5bd1e995)
      hash ^= hash >>> 15
    }
    this.#text = text
    this.#kind = all > 0xff ? Kind.utf16 : Kind.latin1
    this.words = keyWords(this.#header)
    this.hash = mixed(hash)
  }

  /** Lets go of a long text. */
  release(): void {
    this.#text = ''
  }
}

/** Words of a key that begins with this one. */
export function keyWords(header: number): number {
  const kind = header & KIND_MASK
  const length = header >>> LENGTH_SHIFT
  if (kind === Kind.integer) return 2
  if (kind === Kind.double) return 3
  return 1 + (kind === Kind.latin1 ? (length + 3) >>> 2 : (length + 1) >>> 1)
}

/** The key at a word of memory that nobody else writes to. */
export function readKey({ i32, u8 }: Source, at: number): string | number {
  const header = i32[at] as number
  const first = (at + 1) * 4
  const length = header >>> LENGTH_SHIFT
  switch (header & KIND_MASK) {
    case Kind.integer:
      return i32[at + 1] as number
    case Kind.double:
      halves[0] = i32[at + 1] as number
      halves[1] = i32[at + 2] as number
      return doubles[0] as number
    case Kind.latin1:
      return length <= BY_HAND ? shortLatin1(u8, first, length) : textAt(u8, first, length).toString('latin1')
    default:
      return textAt(u8, first, length * 2).toString('utf16le')
  }
}

function textAt({ buffer, byteOffset }: Uint8Array, at: number, bytes: number): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset + at, bytes)
}

/** The finalizer of MurmurHash3 (Appleby 2011): every bit of the key reaches every bit of the place. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
