import type { Agent } from '../agent.js'
import type { Trace } from '../memory/kinds.js'
import { pack, unpack } from '../memory/space.js'
import type { Ring } from './ring.js'

/**
 * What one end of a pipe keeps in shared memory: whether it is closed, and who ever used it.
 *
 * | words  | hold                                                                               |
 * |--------|------------------------------------------------------------------------------------|
 * | STATE  | bit 0 CLOSED; the rest counts how often an agent was entered                       |
 * | USERS  | the first chunk of users: packed address of the next chunk (0: none), then tags    |
 *
 * An agent writes its tag first and then counts itself, unless the end is closed. Who finds all users dead closes the end only if nobody was counted since
 * before it looked. So an end is closed by death only when every agent that could ever use it is among those that were seen dead. Being closed is final.
 *
 * CLOSED is the one store that closes an end. The rings follow from it; whoever finds one that does not yet makes it so.
 */
const STATE = 0
const USERS = 1
const CLOSED = 1
const ENTERED = 2

/** Tags in the first chunk, and in each further one. */
const FIRST_TAGS = 30
const MORE_TAGS = 61
const CHUNK_BYTES = (1 + MORE_TAGS) * 4
/** How many words an end takes. */
export const END_WORDS = USERS + 1 + FIRST_TAGS

/** A chunk of users: the word of the next one's address, and behind it the tags. */
interface Chunk {
  readonly words: Int32Array
  readonly at: number
  readonly tags: number
}

/** One end of a pipe, as the agents at both ends see it. */
export class PipeEnd {
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #at: number
  /** Whether this agent is among the users. */
  #entered = false

  constructor(
    agent: Agent,
    words: Int32Array,
    /** Index of its first word. */
    at: number,
    /** What is received here. */
    readonly incoming: Ring,
    /** What is sent here. */
    readonly outgoing: Ring,
  ) {
    this.#agent = agent
    this.#words = words
    this.#at = at
  }

  get isClosed(): boolean {
    return (Atomics.load(this.#words, this.#at + STATE) & CLOSED) !== 0
  }

  /** Enters this agent among the users. `false` where the end is closed. */
  use(): boolean {
    if (this.isClosed) return false
    if (this.#entered) return true
    this.#enter()
    for (;;) {
      const state = Atomics.load(this.#words, this.#at + STATE)
      if ((state & CLOSED) !== 0) return false
      if (Atomics.compareExchange(this.#words, this.#at + STATE, state, (state + ENTERED) | 0) === state) break
    }
    this.#entered = true
    return true
  }

  /** Closes it for everyone. */
  close(): void {
    Atomics.or(this.#words, this.#at + STATE, CLOSED)
    this.#shut(true)
  }

  /**
   * Closes it if it has had users and all are dead; whether it is closed.
   * @param thorough also notices who has died and is not buried yet
   */
  closeIfDeserted(thorough: boolean): boolean {
    for (;;) {
      const state = Atomics.load(this.#words, this.#at + STATE)
      if ((state & CLOSED) === 0) {
        if (state === 0 || this.#isUsed(thorough)) return false
        if (Atomics.compareExchange(this.#words, this.#at + STATE, state, state | CLOSED) !== state) continue
      }
      this.#shut(false)
      return true
    }
  }

  /** Shows the further chunks: `Kind.trace`. */
  static trace(agent: Agent, words: Int32Array, at: number, found: Trace): void {
    for (let next = Atomics.load(words, at + USERS); next !== 0; ) {
      found.block(unpack(next))
      const chunk = chunkAt(agent, next)
      next = Atomics.load(chunk.words, chunk.at)
    }
  }

  /** @param clear whether what nobody will receive is freed at once */
  #shut(clear: boolean): void {
    if (!this.outgoing.isShut) this.outgoing.shut(false)
    if (!this.incoming.isDropped) this.incoming.shut(true, clear)
  }

  /** Whether any of its users lives. */
  #isUsed(thorough: boolean): boolean {
    for (let chunk: Chunk | undefined = this.#first; chunk; chunk = this.#after(chunk)) {
      for (let n = 1; n <= chunk.tags; n++) {
        const tag = Atomics.load(chunk.words, chunk.at + n)
        if (tag !== 0 && this.#agent.isAlive(tag, thorough)) return true
      }
    }
    return false
  }

  #enter(): void {
    const { tag } = this.#agent
    let chunk = this.#first
    for (let n = 1; ; ) {
      if (n > chunk.tags) {
        chunk = this.#after(chunk) ?? this.#append(chunk)
        n = 1
      }
      const seen = Atomics.load(chunk.words, chunk.at + n)
      // It may have been here before, by a connection that is garbage now.
      if (seen === tag) return
      // The places of the dead are used again: that one died is of no more matter once another one lives.
      if (seen !== 0 && this.#agent.isAlive(seen, false)) n++
      else if (Atomics.compareExchange(chunk.words, chunk.at + n, seen, tag) === seen) return
    }
  }

  get #first(): Chunk {
    return { words: this.#words, at: this.#at + USERS, tags: FIRST_TAGS }
  }

  #after(chunk: Chunk): Chunk | undefined {
    const next = Atomics.load(chunk.words, chunk.at)
    return next === 0 ? undefined : chunkAt(this.#agent, next)
  }

  /** Until the one store that links it the new chunk is this agent's to be swept. */
  #append(chunk: Chunk): Chunk {
    const { heap } = this.#agent
    const address = heap.allocate(CHUNK_BYTES, true)
    const before = Atomics.compareExchange(chunk.words, chunk.at, 0, pack(address))
    if (before === 0) return chunkAt(this.#agent, pack(address))
    heap.free(address)
    return chunkAt(this.#agent, before)
  }
}

function chunkAt(agent: Agent, packed: number): Chunk {
  const { views, offset } = agent.space.at(unpack(packed), CHUNK_BYTES)
  return { words: views.i32, at: offset / 4, tags: MORE_TAGS }
}
