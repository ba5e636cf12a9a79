import { readError } from './errors-on-the-wire.js'
import { type IncomingShape, IncomingShapes } from './shapes.js'
import type { HandlePort, Shareable } from './shareable.js'
import { shortLatin1 } from './short-strings.js'
import { ArrayFlag, Flag, Tag } from './tags.js'
import { makeView } from './views.js'
import { paddedWords } from './words.js'

type Properties = Record<string, unknown>

/** Strings up to this length are cheaper to read by hand than by a call into Node. */
const BY_HAND = 12
/** `new Array(n)` beyond this makes a dictionary. */
const MOST_ROOM = 1 << 24

const doubles = new Float64Array(1)
const halves = new Int32Array(doubles.buffer)
const longs = new BigInt64Array(doubles.buffer)

/** Memory that messages are read from, as the reader needs to see it. */
export interface Source {
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly bytes: Uint8Array
  /** The same bytes, for Buffer's decoding of strings. */
  readonly text: Buffer
}

interface Block {
  readonly buffer: ArrayBuffer
  /** Offset, in the sender's buffer, of its first byte. */
  readonly from: number
}

/** Reads one message at a time; the counterpart of Writer, to be read beside `tags.ts`. */
export class Reader {
  readonly #port: HandlePort
  readonly #shapes = new IncomingShapes()
  #source: Source = NOTHING
  #words = NOTHING.words
  /** The next word to read. */
  #at = 0
  /** Objects by number; undefined where no one refers to them. */
  #objects: unknown[] | undefined
  /** The shapes that the message has had so far; what lies behind #shapeCount is of earlier messages. */
  readonly #sentShapes: IncomingShape[] = []
  #shapeCount = 0
  #blocks: readonly Block[] = []
  #later: (() => void)[] = []

  constructor(port: HandlePort) {
    this.#port = port
  }

  /** The value of the message that takes `size` bytes from the word `at` of `source` on. */
  read(source: Source, at: number, size: number): unknown {
    const flags = source.words[at] as number
    if (source !== this.#source) {
      this.#source = source
      this.#words = source.words
    }
    if ((flags & Flag.Backs) !== 0) this.#objects = []
    try {
      if ((flags & Flag.Blocks) !== 0) {
        this.#at = at + (source.words[at + (size >> 2) - 1] as number)
        this.#blocks = this.#readBlocks()
      }
      this.#at = at + 1
      const root = this.value()
      for (let i = 0; i < this.#later.length; i++) (this.#later[i] as () => void)()
      return root
    } finally {
      this.#forget()
    }
  }

  word(): number {
    return this.#words[this.#at++] as number
  }

  peek(): number {
    return this.#words[this.#at] as number
  }

  double(): number {
    halves[0] = this.#words[this.#at] as number
    halves[1] = this.#words[this.#at + 1] as number
    this.#at += 2
    return doubles[0] as number
  }

  /** A value, or undefined where it is Absent. */
  optional(): unknown {
    return this.#skipAbsent() ? undefined : this.value()
  }

  /** Numbers an object that cannot be made before what follows is read; `fill` gives it its place. */
  reserve(): number {
    return this.#objects === undefined ? -1 : this.#objects.push(undefined) - 1
  }

  fill(number: number, object: object): void {
    if (this.#objects !== undefined) this.#objects[number] = object
  }

  /** Has `read` called once the root has been read. */
  postpone(read: () => void): void {
    this.#later.push(read)
  }

  value(): unknown {
    const word = this.#words[this.#at++] as number
    switch (word & 0xff) {
      case Tag.Int24:
        return word >> 8
      case Tag.Int32:
        return this.#words[this.#at++]
      case Tag.Double: {
        const at = (this.#at + 1) & ~1
        this.#at = at + 2
        return this.#source.doubles[at >> 1]
      }
      case Tag.Latin1:
        return this.#latin1(word >>> 8)
      case Tag.Shape:
        return this.#fillShape(this.#note({}), this.#newShape())
      case Tag.ShapeAgain:
        return this.#fillShape(this.#note({}), this.#sentShapes[word >>> 8] as IncomingShape)
      case Tag.Array:
        return this.#fillArray(this.#note(this.#newArray(word >>> 8)), word >>> 8)
      case Tag.Undefined:
        return undefined
      case Tag.Null:
        return null
      case Tag.True:
        return true
      case Tag.False:
        return false
      case Tag.Utf16:
        return this.#utf16(word >>> 8)
      case Tag.Back:
        return this.#objects?.[this.word()]
      default:
        return this.#rare(word & 0xff, word >>> 8)
    }
  }

  #rare(tag: Tag, argument: number): unknown {
    switch (tag) {
      case Tag.Ints:
        return this.#ints()
      case Tag.Doubles:
        return this.#doubles()
      case Tag.Buffer:
        return this.#note(this.#takeBytes(this.double(), allocateBuffer))
      case Tag.Dictionary:
        return this.#fillDictionary(this.#note({}))
      case Tag.Map:
        return this.#fillMap(this.#note(new Map()))
      case Tag.Set:
        return this.#fillSet(this.#note(new Set()))
      case Tag.Date:
        return this.#note(new Date(this.double()))
      case Tag.RegExp: {
        const number = this.reserve()
        const regexp = new RegExp(this.value() as string, this.value() as string)
        this.fill(number, regexp)
        return regexp
      }
      case Tag.Boxed: {
        const number = this.reserve()
        const boxed: object = Object(this.value())
        this.fill(number, boxed)
        return boxed
      }
      case Tag.ArrayBuffer:
        return this.#note(this.#block().buffer)
      case Tag.View: {
        const { buffer, from } = this.#block()
        const offset = this.double() - from
        return this.#note(makeView(argument, buffer, offset, this.double()))
      }
      case Tag.Error:
        return readError(this, argument)
      case Tag.Handle:
        return this.#handle(argument)
      case Tag.BigInt64:
        this.double()
        return longs[0]
      case Tag.BigIntHex: {
        const magnitude = BigInt(`0x${this.value()}`)
        return argument === 1 ? -magnitude : magnitude
      }
      case Tag.LongLatin1:
        return this.#latin1(this.word())
      case Tag.LongUtf16:
        return this.#utf16(this.word())
      default:
        return this.#shell(tag)
    }
  }

  #shell(tag: Tag): object {
    switch (tag) {
      case Tag.LaterObject: {
        const object = this.#note({})
        this.#later.push(() => this.#fillLaterObject(object))
        return object
      }
      case Tag.LaterArray: {
        const array: unknown[] = this.#note([])
        this.#later.push(() => this.#fillLaterArray(array))
        return array
      }
      case Tag.LaterMap: {
        const map = this.#note(new Map())
        this.#later.push(() => {
          this.#at++
          this.#fillMap(map)
        })
        return map
      }
      case Tag.LaterSet: {
        const set = this.#note(new Set())
        this.#later.push(() => {
          this.#at++
          this.#fillSet(set)
        })
        return set
      }
      default:
        throw new TypeError(
          `A message holds the tag ${tag}, which this version of multiproc does not know: all agents must run the same version.`,
        )
    }
  }

  #note<T extends object>(object: T): T {
    this.#objects?.push(object)
    return object
  }

  #skipAbsent(): boolean {
    if (this.#words[this.#at] !== Tag.Absent) return false
    this.#at++
    return true
  }

  #latin1(length: number): string {
    const first = this.#at << 2
    this.#at += (length + 3) >> 2
    return length <= BY_HAND
      ? shortLatin1(this.#source.bytes, first, length)
      : this.#source.text.toString('latin1', first, first + length)
  }

  #utf16(length: number): string {
    const first = this.#at * 4
    this.#at += (length + 1) >> 1
    return this.#source.text.toString('utf16le', first, first + length * 2)
  }

  #newShape(): IncomingShape {
    const hash = this.word()
    const length = this.word()
    const shape = this.#shapes.read(this.#words, this.#at, length, hash)
    this.#at += length
    this.#sentShapes[this.#shapeCount++] = shape
    return shape
  }

  #fillShape(object: object, { keys, assignable }: IncomingShape): object {
    for (let i = 0; i < keys.length; i++) {
      if (this.#skipAbsent()) continue
      const key = keys[i] as string
      const value = this.value()
      if (assignable) (object as Properties)[key] = value
      else setOwn(object, key, value)
    }
    return object
  }

  #fillDictionary<T extends object>(object: T): T {
    for (let count = this.word(); count > 0; count--) {
      const key = this.value() as string
      if (!this.#skipAbsent()) setOwn(object, key, this.value())
    }
    return object
  }

  #newArray(flags: number): unknown[] {
    const length = this.peek() >>> 0
    if ((flags & ArrayFlag.Sparse) === 0 && length <= MOST_ROOM) return new Array(length)
    const array: unknown[] = []
    array.length = length
    return array
  }

  #fillArray(array: unknown[], flags: number): unknown[] {
    const length = this.word() >>> 0
    for (let i = 0; i < length; i++) {
      const word = this.peek()
      if (word === Tag.Absent) this.#at++
      else if (word === Tag.Skip) {
        this.#at++
        i += (this.word() >>> 0) - 1
      } else array[i] = this.value()
    }
    return (flags & ArrayFlag.Named) === 0 ? array : this.#fillDictionary(array)
  }

  #ints(array?: number[]): number[] {
    const length = this.word()
    const numbers = array ?? this.#note(new Array<number>(Math.min(length, MOST_ROOM)))
    const words = this.#words
    const at = this.#at
    for (let i = 0; i < length; i++) numbers[i] = words[at + i] as number
    this.#at += length
    return numbers
  }

  #doubles(array?: number[]): number[] {
    const length = this.word()
    const numbers = array ?? this.#note(new Array<number>(Math.min(length, MOST_ROOM)))
    const first = (this.#at + 1) >> 1
    const { doubles } = this.#source
    for (let i = 0; i < length; i++) numbers[i] = doubles[first + i] as number
    this.#at = (first + length) * 2
    return numbers
  }

  #fillMap(map: Map<unknown, unknown>): Map<unknown, unknown> {
    for (let count = this.word(); count > 0; count--) map.set(this.value(), this.value())
    return map
  }

  #fillSet(set: Set<unknown>): Set<unknown> {
    for (let count = this.word(); count > 0; count--) set.add(this.value())
    return set
  }

  /** The content of a Later object, which has been numbered before. */
  #fillLaterObject(object: object): void {
    const word = this.word()
    switch (word & 0xff) {
      case Tag.Shape:
        this.#fillShape(object, this.#newShape())
        break
      case Tag.ShapeAgain:
        this.#fillShape(object, this.#sentShapes[word >>> 8] as IncomingShape)
        break
      default:
        this.#fillDictionary(object)
    }
  }

  #fillLaterArray(array: unknown[]): void {
    const word = this.word()
    switch (word & 0xff) {
      case Tag.Ints:
        this.#ints(array as number[])
        break
      case Tag.Doubles:
        this.#doubles(array as number[])
        break
      default:
        array.length = this.peek() >>> 0
        this.#fillArray(array, word >>> 8)
    }
  }

  #handle(kind: number): object {
    const number = this.reserve()
    const id = this.double()
    const data: number[] = []
    for (let count = this.word(); count > 0; count--) data.push(this.double())
    const parts: Shareable[] = []
    for (let count = this.word(); count > 0; count--) parts.push(this.value() as Shareable)
    const object = this.#port.arriving({ kind, id, data, parts })
    this.fill(number, object)
    return object
  }

  #block(): Block {
    return this.#blocks[this.word()] as Block
  }

  #readBlocks(): Block[] {
    const count = this.word()
    this.#at++
    const blocks: Block[] = []
    for (let i = 0; i < count; i++) {
      const from = this.double()
      const length = this.double()
      const most = this.double()
      blocks.push({ from, buffer: most < 0 ? this.#takeBytes(length, newBytes).buffer : this.#takeResizable(length, most) })
    }
    return blocks
  }

  #takeBytes<T extends Uint8Array>(length: number, allocate: (length: number) => T): T {
    const target = allocate(length)
    this.#copyBytes(target, length)
    return target
  }

  #takeResizable(length: number, maxByteLength: number): ArrayBuffer {
    const buffer = new ArrayBuffer(length, { maxByteLength })
    this.#copyBytes(new Uint8Array(buffer), length)
    return buffer
  }

  #copyBytes(target: Uint8Array, length: number): void {
    this.#at += this.#at & 1
    const first = this.#at * 4
    target.set(this.#source.bytes.subarray(first, first + length))
    this.#at += paddedWords(length)
  }

  #forget(): void {
    if (this.#objects !== undefined) this.#objects = undefined
    this.#shapeCount = 0
    if (this.#later.length > 0) this.#later = []
    if (this.#blocks.length > 0) this.#blocks = []
  }
}

const NOTHING: Source = {
  words: new Int32Array(0),
  doubles: new Float64Array(0),
  bytes: new Uint8Array(0),
  text: Buffer.alloc(0),
}

/** A small one comes from Node's pool, as Buffers do. */
const allocateBuffer = (length: number) => Buffer.allocUnsafe(length)

/** Bytes that have an ArrayBuffer of their own size to themselves; not zeroed first, as they are about to be overwritten. */
function newBytes(length: number): Uint8Array<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(length) as Uint8Array<ArrayBuffer>
}

/** Makes an own property of any name, `__proto__` too. */
function setOwn(object: object, key: string, value: unknown): void {
  if (key in Object.prototype || Array.isArray(object))
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else (object as Properties)[key] = value
}
