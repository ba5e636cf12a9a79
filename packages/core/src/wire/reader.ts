import { Cursor, type Source } from './cursor.js'
import { readError } from './errors-on-the-wire.js'
import { newBuffer } from './new-bytes.js'
import { fillArray, readArray } from './read-array.js'
import { type Block, readBlocks } from './read-blocks.js'
import { type IncomingShape, IncomingShapes } from './shapes.js'
import type { HandlePort, Shareable } from './shareable.js'
import { Flag, Tag } from './tags.js'
import { makeView } from './views.js'

type Properties = Record<string, unknown>

/** Reads one message at a time; the counterpart of Writer, to be read beside `tags.ts`. */
export class Reader extends Cursor {
  readonly #port: HandlePort
  readonly #shapes = new IncomingShapes()
  /** Objects by number; undefined where no one refers to them. */
  #objects: unknown[] | undefined
  /** The shapes that the message has had so far; what lies behind #shapeCount is of earlier messages. */
  readonly #sentShapes: IncomingShape[] = []
  #shapeCount = 0
  #blocks: readonly Block[] = []
  #later: (() => void)[] = []

  constructor(port: HandlePort) {
    super()
    this.#port = port
  }

  /** The value of the message that takes `size` bytes from the word `at` of `source` on. */
  read(source: Source, at: number, size: number): unknown {
    const flags = source.words[at] as number
    if ((flags & Flag.Backs) !== 0) this.#objects = []
    try {
      if ((flags & Flag.Blocks) !== 0) {
        this.go(source, at + (source.words[at + size / 4 - 1] as number))
        this.#blocks = readBlocks(this)
      }
      this.go(source, at + 1)
      const root = this.value()
      for (let i = 0; i < this.#later.length; i++) (this.#later[i] as () => void)()
      return root
    } finally {
      this.#forget()
    }
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
    const word = this.words[this.at++] as number
    switch (word & 0xff) {
      case Tag.Int24:
        return word >> 8
      case Tag.Int32:
        return this.words[this.at++]
      case Tag.Double:
        return this.alignedDouble()
      case Tag.Latin1:
        return this.latin1(word >>> 8)
      case Tag.Shape:
        return this.#fillShape(this.note({}), this.#newShape())
      case Tag.ShapeAgain:
        return this.#fillShape(this.note({}), this.#sentShapes[word >>> 8] as IncomingShape)
      case Tag.Array:
      case Tag.Ints:
      case Tag.Doubles:
        return readArray(this, word)
      case Tag.Undefined:
        return undefined
      case Tag.Null:
        return null
      case Tag.True:
        return true
      case Tag.False:
        return false
      case Tag.Utf16:
        return this.utf16(word >>> 8)
      case Tag.Back:
        return this.#objects?.[this.word()]
      default:
        return this.#rare(word & 0xff, word >>> 8)
    }
  }

  #rare(tag: Tag, argument: number): unknown {
    switch (tag) {
      case Tag.Buffer:
        return this.note(this.copyBytes(newBuffer(this.double())))
      case Tag.Dictionary:
        return this.fillDictionary(this.note({}))
      case Tag.Map:
        return this.#fillMap(this.note(new Map()))
      case Tag.Set:
        return this.#fillSet(this.note(new Set()))
      case Tag.Date:
        return this.note(new Date(this.double()))
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
        return this.note(this.#block().buffer)
      case Tag.View: {
        const { buffer, from } = this.#block()
        const offset = this.double() - from
        return this.note(makeView(argument, buffer, offset, this.double()))
      }
      case Tag.Error:
        return readError(this, argument)
      case Tag.Handle:
        return this.#handle(argument)
      case Tag.BigInt64:
        return this.bigint64()
      case Tag.BigIntHex: {
        const magnitude = BigInt(`0x${this.value()}`)
        return argument === 1 ? -magnitude : magnitude
      }
      case Tag.LongLatin1:
        return this.latin1(this.word())
      case Tag.LongUtf16:
        return this.utf16(this.word())
      default:
        return this.#shell(tag)
    }
  }

  #shell(tag: Tag): object {
    switch (tag) {
      case Tag.LaterObject: {
        const object = this.note({})
        this.#later.push(() => this.#fillLaterObject(object))
        return object
      }
      case Tag.LaterArray: {
        const array: unknown[] = this.note([])
        this.#later.push(() => fillArray(this, array, this.word()))
        return array
      }
      case Tag.LaterMap: {
        const map = this.note(new Map())
        this.#later.push(() => {
          this.at++
          this.#fillMap(map)
        })
        return map
      }
      case Tag.LaterSet: {
        const set = this.note(new Set())
        this.#later.push(() => {
          this.at++
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

  /** Gives `object` the next number. */
  note<T extends object>(object: T): T {
    this.#objects?.push(object)
    return object
  }

  #skipAbsent(): boolean {
    if (this.words[this.at] !== Tag.Absent) return false
    this.at++
    return true
  }

  #newShape(): IncomingShape {
    const hash = this.word()
    const length = this.word()
    const shape = this.#shapes.read(this.words, this.at, length, hash)
    this.at += length
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

  /** Pairs of a count, keys and values. */
  fillDictionary<T extends object>(object: T): T {
    for (let count = this.word(); count > 0; count--) {
      const key = this.value() as string
      if (!this.#skipAbsent()) setOwn(object, key, this.value())
    }
    return object
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
        this.fillDictionary(object)
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

  #forget(): void {
    if (this.#objects !== undefined) this.#objects = undefined
    this.#shapeCount = 0
    if (this.#later.length > 0) this.#later = []
    if (this.#blocks.length > 0) this.#blocks = []
  }
}

/** Makes an own property of any name, `__proto__` too. */
function setOwn(object: object, key: string, value: unknown): void {
  if (key in Object.prototype || Array.isArray(object))
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else (object as Properties)[key] = value
}
