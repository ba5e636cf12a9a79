import type { Agent } from '../agent.js'
import type { Trace } from '../memory/kinds.js'

/**
 * How a collection keeps a value in shared memory: a record that begins at a multiple of 8 bytes. It is written before it can be found and never changed
 * afterwards; a new value is a new record.
 *
 * | word | holds                                                      |
 * |------|------------------------------------------------------------|
 * | 0    | bit 0: it is encoded; the rest: the number of its handles   |
 * | 1    | the integer itself, or bytes of the encoding (times 8)      |
 * | 2 …  | the encoding, then the ids of the handles                   |
 */
const ENCODED = 1
const HEADER_WORDS = 2
/** Encodings up to this size are decoded from one buffer that is used again and again. */
const SCRATCH_BYTES = 8192
/** Up to here a loop is faster than a native copy with its view. */
const COPY_BY_WORD = 64

/** Memory that a record is read from: the same bytes as words and as bytes. */
export interface Source {
  readonly i32: Int32Array
  readonly u8: Uint8Array
}

const scratch = sourceOf(SCRATCH_BYTES)

/** Words that the record at `at` takes. */
export function recordWords(i32: Int32Array, at: number): number {
  const header = i32[at] as number
  if ((header & ENCODED) === 0) return HEADER_WORDS
  return HEADER_WORDS + ((i32[at + 1] as number) >>> 2) + (header >>> 1)
}

/** A value made ready to be stored: encoded at the call, so that what cannot travel is refused before anything is taken. */
export class OutgoingValue {
  readonly #agent: Agent
  /** Words of its record. */
  words = HEADER_WORDS
  #isEncoded = false
  /** The integer, or bytes of the encoding. */
  #content = 0
  #handles: readonly number[] = []

  constructor(agent: Agent) {
    this.#agent = agent
  }

  /**
   * To be followed by `write` before anything else is encoded.
   * @param root names the value in the paths of errors
   * @throws NotCloneableError
   */
  prepare(value: unknown, root: string): this {
    if (isInteger(value)) {
      this.#isEncoded = false
      this.#content = value
      this.#handles = NONE
      this.words = HEADER_WORDS
      return this
    }
    const { encoder } = this.#agent
    // First: a getter of the value may use this very object.
    encoder.encode(value, root)
    this.#isEncoded = true
    this.#content = encoder.size
    this.#handles = encoder.handles
    this.words = HEADER_WORDS + encoder.size / 4 + encoder.handles.length
    return this
  }

  /** Whether it refers to shared objects: then what it is put into must be known to the collector. */
  get hasHandles(): boolean {
    return this.#handles.length > 0
  }

  write({ i32, u8 }: Source, at: number): void {
    i32[at] = (this.#handles.length << 1) | (this.#isEncoded ? ENCODED : 0)
    i32[at + 1] = this.#content
    if (!this.#isEncoded) return
    this.#agent.encoder.copyTo(u8, (at + HEADER_WORDS) * 4)
    let ids = at + HEADER_WORDS + this.#content / 4
    for (const id of this.#handles) i32[ids++] = id
  }
}

/** An integer that needs no encoding. */
export function isInteger(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value && (value !== 0 || 1 / value > 0)
}

/** Shows the handles in a record. */
export function traceRecord(i32: Int32Array, at: number, found: Pick<Trace, 'handle'>): void {
  let ids = at + recordWords(i32, at)
  for (let left = (i32[at] as number) >>> 1; left > 0; left--) {
    const id = i32[--ids] as number
    if (id !== 0) found.handle(id)
  }
}

/** Before a record can be found where the collector has perhaps been: see there. */
export function touchRecord(agent: Agent, i32: Int32Array, at: number): void {
  if ((i32[at] as number) >>> 1 !== 0) traceRecord(i32, at, { handle: (id) => agent.ledger.touch(id) })
}

/**
 * Copies `words` words that end in a record, so that it can be decoded once the lock is released. Its handles are held by this agent from here on.
 * @param target where the copy goes; the record begins there at `record`
 */
export function copyRecord(agent: Agent, i32: Int32Array, at: number, target: Int32Array, to: number): number {
  const words = recordWords(i32, at)
  copyWords(i32, at, words, target, to)
  if ((i32[at] as number) >>> 1 !== 0) traceRecord(target, to, { handle: (id) => agent.ledger.hold(id) })
  return words
}

export function copyWords(from: Int32Array, at: number, words: number, target: Int32Array, to: number): void {
  if (words <= COPY_BY_WORD) for (let n = 0; n < words; n++) target[to + n] = from[at + n] as number
  else target.set(from.subarray(at, at + words), to)
}

/** As {@link copyRecord}, to memory that holds until the next call. */
export function takeCopy(agent: Agent, i32: Int32Array, at: number): Source {
  const bytes = recordWords(i32, at) * 4
  const target = bytes <= SCRATCH_BYTES ? scratch : sourceOf(bytes)
  copyRecord(agent, i32, at, target.i32, 0)
  return target
}

/** The value of a record that was copied. */
export function decodeRecord(agent: Agent, source: Source, at: number): unknown {
  const { i32 } = source
  if (((i32[at] as number) & ENCODED) === 0) return i32[at + 1]
  try {
    return agent.decoder.decode(source.u8, (at + HEADER_WORDS) * 4, (i32[at + 1] as number) >>> 0)
  } catch (error) {
    forgetRecord(agent, i32, at)
    throw error
  }
}

/** Gives up the handles of a copy that will not be decoded. */
export function forgetRecord(agent: Agent, i32: Int32Array, at: number): void {
  const ids: number[] = []
  traceRecord(i32, at, { handle: (id) => ids.push(id) })
  agent.forget(ids)
}

export function sourceOf(bytes: number): Source {
  const u8 = new Uint8Array((bytes + 7) & ~7)
  return { i32: new Int32Array(u8.buffer), u8 }
}

const NONE: readonly number[] = []
