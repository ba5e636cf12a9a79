/**
 * Objects of one shape (the same keys in the same order) send their keys once a message, as a block of bytes made once; the receiver
 * recognises the block and takes the keys, as strings V8 has interned, from its own table. Nothing is agreed between agents: a message
 * stands for itself, and a receiver that has never seen the block reads it.
 *
 * A key block is, per key, a word (length × 2, + 1 when the units are 16 bits wide) and its units padded to a word.
 */

/** Objects with more keys than this go as dictionaries. */
const MOST_KEYS = 64
/** Longer keys are data rather than names. */
const LONGEST_KEY = 128
/** Nodes in the tree before it is dropped and grown afresh. */
const MOST_NODES = 4096
/** What a new node costs in credit; each object whose shape was not known earns one. Bounds the waste on objects used as dictionaries. */
const NODE_PRICE = 8
/** A power of two. */
const TABLE_SIZE = 512

/** A shape as its sender knows it. */
export class OutgoingShape {
  readonly block: Int32Array
  readonly hash: number
  /** The message in which it was sent last, and its number there. */
  message = 0
  number = 0

  constructor(readonly keys: readonly string[]) {
    this.block = keyBlock(keys)
    this.hash = hashOf(this.block)
  }
}

class Node {
  shape: OutgoingShape | undefined
  /** The way last taken. */
  #key: string | undefined
  #node: Node | undefined
  #others: Map<string, Node> | undefined

  next(key: string): Node | undefined {
    return this.#key === key ? this.#node : this.#turn(key)
  }

  add(key: string): Node {
    const node = new Node()
    this.#others ??= new Map()
    this.#others.set(key, node)
    this.#key = key
    this.#node = node
    return node
  }

  #turn(key: string): Node | undefined {
    const node = this.#others?.get(key)
    if (node === undefined) return undefined
    this.#key = key
    this.#node = node
    return node
  }
}

/** The shapes one sender has seen: a tree, keys along its edges, as V8's own transitions are. */
export class OutgoingShapes {
  #root = new Node()
  #nodes = 0
  #credit = MOST_NODES * NODE_PRICE

  /** The shape of `object`, whose prototype is Object.prototype with nothing enumerable on it, or undefined: send it as a dictionary. */
  of(object: object): OutgoingShape | undefined {
    let node = this.#root
    for (const key in object) {
      const next = node.next(key)
      if (next === undefined) return this.#add(Object.keys(object))
      node = next
    }
    return node.shape ?? this.#add(Object.keys(object))
  }

  /** The same for any object, given its own enumerable keys. */
  ofKeys(keys: readonly string[]): OutgoingShape | undefined {
    let node = this.#root
    for (const key of keys) {
      const next = node.next(key)
      if (next === undefined) return this.#add(keys)
      node = next
    }
    return node.shape ?? this.#add(keys)
  }

  #add(keys: readonly string[]): OutgoingShape | undefined {
    this.#credit++
    if (this.#credit < MOST_KEYS * NODE_PRICE) return undefined
    if (keys.length > MOST_KEYS || keys.some((key) => key.length > LONGEST_KEY)) return undefined
    if (this.#nodes > MOST_NODES) {
      this.#root = new Node()
      this.#nodes = 0
    }
    let node = this.#root
    for (const key of keys) {
      let next = node.next(key)
      if (next === undefined) {
        next = node.add(key)
        this.#nodes++
        this.#credit -= NODE_PRICE
      }
      node = next
    }
    node.shape ??= new OutgoingShape(keys)
    return node.shape
  }
}

/** A shape as its receiver knows it. */
export interface IncomingShape {
  readonly block: Int32Array
  readonly keys: readonly string[]
  /** Whether plain assignment makes an own property of every key: not so for `__proto__` and whatever else Object.prototype has. */
  readonly assignable: boolean
}

/** The shapes one receiver has seen: one per hash, compared in full before use, so a collision costs time and nothing else. */
export class IncomingShapes {
  readonly #table: (IncomingShape | undefined)[] = new Array(TABLE_SIZE).fill(undefined)

  /** The shape whose block is the `length` words at `at`. */
  read(words: Int32Array, at: number, length: number, hash: number): IncomingShape {
    const known = this.#table[hash & (TABLE_SIZE - 1)]
    if (known !== undefined && known.block.length === length) {
      const block = known.block
      let i = 0
      while (i < length && block[i] === words[at + i]) i++
      if (i === length) return known
    }
    const shape = shapeFrom(words.slice(at, at + length))
    this.#table[hash & (TABLE_SIZE - 1)] = shape
    return shape
  }
}

function keyBlock(keys: readonly string[]): Int32Array {
  const parts = keys.map((key) => {
    const wide = /[^\0-\xff]/.test(key)
    const units = Buffer.from(key, wide ? 'utf16le' : 'latin1')
    const part = new Int32Array(1 + Math.ceil(units.length / 4))
    part[0] = (key.length << 1) | (wide ? 1 : 0)
    new Uint8Array(part.buffer).set(units, 4)
    return part
  })
  const block = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    block.set(part, at)
    at += part.length
  }
  return block
}

function shapeFrom(block: Int32Array): IncomingShape {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  const keys: string[] = []
  for (let at = 0; at < block.length; ) {
    const head = block[at] as number
    const size = (head >> 1) << (head & 1)
    const first = (at + 1) * 4
    keys.push(interned(bytes.toString((head & 1) === 1 ? 'utf16le' : 'latin1', first, first + size)))
    at += 1 + Math.ceil(size / 4)
  }
  return { block, keys, assignable: !keys.some((key) => key in Object.prototype) }
}

/** The same text as V8 keeps it for property names, which makes every later use as a name cheaper. */
function interned(key: string): string {
  return Object.keys({ [key]: 0 })[0] as string
}

/** FNV-1a over words. */
function hashOf(block: Int32Array): number {
  let hash = 0x811c9dc5
  for (const word of block) hash = Math.imul(hash ^ word, 0x01000193)
  // The table looks at the low bits; FNV's high bits are the better mixed.
  return (hash ^ (hash >>> 15)) | 0
}
