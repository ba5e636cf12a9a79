import { isExternal, isModuleNamespaceObject, isProxy } from 'node:util/types'
import { NotCloneableError, ResourceError } from '../errors.js'
import { Blocks } from './blocks.js'
import { IdentityTable } from './identity-table.js'
import { Path, type Place, Step } from './path.js'
import { adviceFor, departureFailure, functionName, isExhaustion, readFailure, refusal } from './refusal.js'
import { type OutgoingShape, OutgoingShapes } from './shapes.js'
import { type HandlePort, SHARE, type Shareable } from './shareable.js'
import { Flag, INLINE_DEPTH, Tag } from './tags.js'
import { Words } from './words.js'
import { writeArray } from './write-array.js'
import { writeInstance } from './write-instance.js'

type Properties = Record<string, unknown>

/** Writes what is inside `object`, after the object itself has been numbered. */
export type Content<T extends object> = (writer: Writer, object: T) => void

interface Later {
  readonly object: object
  readonly content: Content<never>
  readonly place: Place | undefined
}

/** How far a message had come: {@link Writer.rewind} returns to it. */
export type Mark = readonly [
  at: number,
  blobs: number,
  objects: number,
  blocks: number,
  shapes: number,
  later: number,
  handles: number,
  depth: number,
]

/** Writes one message at a time: the walk over the data. */
export class Writer extends Words {
  readonly path = new Path()
  readonly blocks = new Blocks()
  /** Ids of the handles in the message. */
  handles: number[] = []
  readonly #port: HandlePort
  readonly #seen = new IdentityTable()
  readonly #shapes = new OutgoingShapes()
  /** The shapes that the message has so far; what lies behind #shapeCount is of earlier messages. */
  readonly #sentShapes: OutgoingShape[] = []
  #shapeCount = 0
  readonly #later: Later[] = []
  #message = 0
  #flags = 0
  /** Whether `for in` over a plain object shows its own properties only. */
  #plainForIn = true
  /** What this walk itself threw: anything else that comes up was thrown by the user's code. */
  #refused: unknown

  constructor(port: HandlePort) {
    super()
    this.#port = port
  }

  /** Writes the message for `value`. Leaves nothing of it behind when it throws. */
  write(value: unknown, root: string): void {
    this.reset()
    if (this.handles.length > 0) this.handles = []
    this.path.begin(root)
    this.#message++
    this.#flags = 0
    this.#plainForIn = !hasEnumerable(Object.prototype)
    try {
      this.at = 1
      this.value(value)
      for (let i = 0; i < this.#later.length; i++) this.#writeLater(this.#later[i] as Later, root)
      this.path.begin(root)
      if (this.blocks.count > 0) {
        this.#flags |= Flag.Blocks
        this.blocks.write(this)
      }
      if (!this.intact) throw this.refuse('a view of a buffer that a getter detached or resized', 'Let getters leave it alone.')
      this.align()
      this.words[0] = this.#flags
    } catch (error) {
      const explained = this.#explain(error)
      this.reset()
      this.handles = []
      this.path.keys.length = 0
      throw explained
    } finally {
      this.#forget()
    }
  }

  /** The message for a 32-bit integer. */
  writeInt(value: number): void {
    this.reset()
    this.words[0] = Flag.Int
    this.words[1] = value
    this.at = 2
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        return this.number(value)
      case 'string':
        return this.string(value)
      case 'object':
        return value === null ? this.word(Tag.Null) : this.#object(value)
      case 'boolean':
        return this.word(value ? Tag.True : Tag.False)
      case 'undefined':
        return this.word(Tag.Undefined)
      case 'bigint':
        return this.bigint(value)
      case 'symbol':
        throw this.refuse(`a symbol (${String(value)})`, adviceFor('symbol'))
      case 'function':
        throw this.refuse(functionName(value), adviceFor('function'))
    }
  }

  /** Writes `object`'s tag and content here, or a shell here and the content behind the root where it would go too deep. */
  container<T extends object>(object: T, shell: Tag, content: Content<T>): void {
    if (this.path.depth < INLINE_DEPTH) return content(this, object)
    this.word(shell)
    this.postpone(object, content)
  }

  postpone<T extends object>(object: T, content: Content<T>): void {
    this.#later.push({ object, content, place: this.path.place() })
  }

  /** Pairs of own enumerable string properties; those that a getter deletes on the way count as Absent. */
  dictionary(object: object, keys: readonly string[]): void {
    this.word(keys.length)
    const level = this.path.open(Step.Property)
    for (const key of keys) {
      this.string(key)
      this.path.keys[level] = key
      if (Object.hasOwn(object, key)) this.value((object as Properties)[key])
      else this.word(Tag.Absent)
    }
    this.path.close()
  }

  refuse(what: string, advice: string, options?: ErrorOptions): NotCloneableError {
    const error = refusal(this.path, what, advice, options)
    this.#refused = error
    return error
  }

  mark(): Mark {
    return [
      this.at,
      this.blobCount,
      this.#seen.size,
      this.blocks.count,
      this.#shapeCount,
      this.#later.length,
      this.handles.length,
      this.path.depth,
    ]
  }

  /** Takes back what was written since `mark`. */
  rewindTo([at, blobs, objects, blocks, shapes, later, handles, depth]: Mark): void {
    this.rewind(at, blobs)
    this.#seen.truncate(objects)
    this.blocks.truncate(blocks)
    for (let i = shapes; i < this.#shapeCount; i++) (this.#sentShapes[i] as OutgoingShape).message = 0
    this.#shapeCount = shapes
    this.#later.length = later
    this.handles.length = handles
    this.path.depth = depth
  }

  #object(object: object): void {
    const number = this.#seen.numberOf(object)
    if (number >= 0) {
      this.#flags |= Flag.Backs
      return this.words2(Tag.Back, number)
    }
    // Asked first: a trap of a Proxy must not run.
    if (isProxy(object)) throw this.refuse('a Proxy', adviceFor('Proxy'))
    this.#seen.add(object)
    if (typeof (object as Partial<Shareable>)[SHARE] === 'function') return this.#handle(object as Shareable)
    const prototype: object | null = Object.getPrototypeOf(object)
    if (prototype === Object.prototype) this.container(object, Tag.LaterObject, writePlain)
    else if (Array.isArray(object)) this.container(object, Tag.LaterArray, writeArray)
    else if (prototype === null) {
      if (isModuleNamespaceObject(object)) throw this.refuse('a module namespace', 'Send the values it exports.')
      if (isExternal(object)) throw this.refuse('a native pointer', adviceFor(''))
      this.container(object, Tag.LaterObject, writePlain)
    } else writeInstance(this, object, prototype)
  }

  /** A plain object's properties, in the fastest way that misses none. */
  plain(object: object): void {
    const shape = this.#plainForIn ? this.#shapes.of(object) : undefined
    if (shape === undefined) return this.ownProperties(object)
    this.#shape(shape)
    const { keys } = shape
    const level = this.path.open(Step.Property)
    const trail = this.path.keys
    let i = 0
    for (const key in object) {
      // A key that does not come was deleted by a getter before its turn.
      while (keys[i] !== key && i < keys.length) {
        this.word(Tag.Absent)
        i++
      }
      if (i === keys.length) break
      trail[level] = key
      this.value((object as Properties)[key])
      i++
    }
    for (; i < keys.length; i++) this.word(Tag.Absent)
    this.path.close()
  }

  /** The same for any object: what its prototypes have enumerable is left out. */
  ownProperties(object: object): void {
    const keys = Object.keys(object)
    const shape = this.#shapes.ofKeys(keys)
    if (shape === undefined) {
      this.word(Tag.Dictionary)
      return this.dictionary(object, keys)
    }
    this.#shape(shape)
    const level = this.path.open(Step.Property)
    for (const key of shape.keys) {
      this.path.keys[level] = key
      if (Object.hasOwn(object, key)) this.value((object as Properties)[key])
      else this.word(Tag.Absent)
    }
    this.path.close()
  }

  #shape(shape: OutgoingShape): void {
    if (shape.message === this.#message) return this.word((shape.number << 8) | Tag.ShapeAgain)
    shape.message = this.#message
    shape.number = this.#shapeCount
    this.#sentShapes[this.#shapeCount++] = shape
    const { block } = shape
    const length = block.length
    this.reserve(3 + length)
    const { words, at } = this
    words[at] = (shape.keys.length << 8) | Tag.Shape
    words[at + 1] = shape.hash
    words[at + 2] = length
    for (let i = 0; i < length; i++) words[at + 3 + i] = block[i] as number
    this.at = at + 3 + length
  }

  #handle(object: Shareable): void {
    const { kind, id, data, parts } = this.#depart(object)
    this.handles.push(id)
    this.word((kind << 8) | Tag.Handle)
    this.double(id)
    this.word(data.length)
    for (const parameter of data) this.double(parameter)
    this.word(parts.length)
    for (const part of parts) this.value(part)
  }

  #depart(object: Shareable) {
    try {
      return this.#port.departing(object)
    } catch (error) {
      // No memory to publish it in: no fault of the data's.
      const own = error instanceof NotCloneableError ? departureFailure(this.path, error) : error
      if (own !== error || error instanceof ResourceError) this.#refused = own
      throw own
    }
  }

  #writeLater({ object, content, place }: Later, root: string): void {
    this.path.begin(root, place)
    content(this, object as never)
  }

  #explain(error: unknown): unknown {
    return error === this.#refused || isExhaustion(error) ? error : readFailure(this.path, error)
  }

  #forget(): void {
    if (this.#seen.size > 0) this.#seen.truncate(0)
    this.blocks.truncate(0)
    this.#shapeCount = 0
    if (this.#later.length > 0) this.#later.length = 0
    this.#refused = undefined
  }
}

const writePlain: Content<object> = (writer, object) => writer.plain(object)

function hasEnumerable(object: object): boolean {
  for (const _key in object) return true
  return false
}
