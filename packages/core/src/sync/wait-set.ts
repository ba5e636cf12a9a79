/**
 * Those who wait at one object, each under an entry of its own, through which it is told what it waited for: a Condition's waiters, a Barrier's parties.
 * The argument for it is in `README.md` beside this file.
 *
 * | word               | holds                                                                                    |
 * |--------------------|------------------------------------------------------------------------------------------|
 * | MUTEX (4)          | taken for a few instructions by whoever adds entries or changes those of others           |
 * | DUE                | 1: an agent was buried, and whoever has the mutex is to mend what it left                 |
 * | a chunk            | the words below; more of them in blocks of the heap                                       |
 *
 * | word of a chunk    | holds                                                                                    |
 * |--------------------|------------------------------------------------------------------------------------------|
 * | SIZE               | how many entries it has                                                                   |
 * | NEXT               | packed address of the next chunk; 0: none. Chunks go with the object, not before           |
 * | entries            | {@link ENTRY_WORDS} each: its fate and stamp in one word, its waiter's tag, a waitlist    |
 */
import type { Agent } from '../agent.js'
import type { Trace } from '../memory/kinds.js'
import { pack, unpack } from '../memory/space.js'
import { lockNow } from './lock-now.js'
import { Acquired, MUTEX_WORDS, tryLock, tryLockSlow, unlock } from './mutex.js'
import type { Resumption, Suspending, Waiter } from './suspend.js'
import { BELLS, WAITLIST_WORDS, wake } from './waitlist.js'

const MUTEX = 0
const DUE = MUTEX_WORDS
const FIRST_CHUNK = DUE + 1

const SIZE = 0
const NEXT = 1
const ENTRIES = 2

const STATE = 0
const TAG = 1
const WAITLIST = 2
const ENTRY_WORDS = WAITLIST + WAITLIST_WORDS

const FIRST_ENTRIES = 8
const MOST_ENTRIES = 1024
/** How many words a wait set takes at first. */
export const WAIT_SET_WORDS = FIRST_CHUNK + ENTRIES + FIRST_ENTRIES * ENTRY_WORDS

/** What is in store for a waiter. Stored in the low bits of its entry's first word, below its stamp. */
export const Fate = {
  /** The entry is nobody's. */
  free: 0,
  waiting: 1,
  /** What it waited for has come. */
  granted: 2,
  /** It waits in vain. */
  refused: 3,
} as const
export type Fate = (typeof Fate)[keyof typeof Fate]
const FATE_BITS = 2
const FATE = (1 << FATE_BITS) - 1

/** One who waits, wherever it is. */
export interface Entry {
  readonly words: Int32Array
  /** Index of its first word. */
  readonly at: number
  /** Index of the same word in all memory. */
  readonly word: number
}

interface Chunk extends Entry {
  readonly size: number
}

export class WaitSet {
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #at: number
  /** Of those known here; there may be more behind the last. */
  readonly #chunks: Chunk[]
  readonly #mend: () => void

  /**
   * @param at index of its first word in `words`
   * @param address of that word
   * @param mend puts right what the death of agents may have left; called with the mutex held. May run once too often
   */
  constructor(agent: Agent, words: Int32Array, at: number, address: number, mend: () => void) {
    this.#agent = agent
    this.#words = words
    this.#at = at
    this.#chunks = [
      { words, at: at + FIRST_CHUNK, word: (address / 4 + FIRST_CHUNK) | 0, size: words[at + FIRST_CHUNK + SIZE] as number },
    ]
    this.#mend = mend
  }

  /** Prepares fresh, zeroed words. */
  static format(words: Int32Array, at: number): void {
    words[at + FIRST_CHUNK + SIZE] = FIRST_ENTRIES
  }

  /** Runs `change` while nobody else adds entries or decides about them. It must not wait. */
  exclusively<T>(change: () => T): T {
    if (lockNow(this.#agent, this.#words, this.#at + MUTEX)) this.#mend()
    try {
      return change()
    } finally {
      unlock(this.#agent, this.#words, this.#at + MUTEX)
      this.#settle()
    }
  }

  /** An agent was buried. Waits for nobody: whoever has the mutex now sees to it. */
  mourn(): void {
    Atomics.store(this.#words, this.#at + DUE, 1)
    this.#settle()
  }

  /** Who says that something is due then tries the mutex, and who had it then looks what is due; so one of the two sees to it. */
  #settle(): void {
    const words = this.#words
    const mutex = this.#at + MUTEX
    while (Atomics.load(words, this.#at + DUE) !== 0) {
      if (!tryLock(this.#agent, words, mutex) && tryLockSlow(this.#agent, words, mutex, true) === Acquired.no) return
      Atomics.store(words, this.#at + DUE, 0)
      this.#mend()
      unlock(this.#agent, words, mutex)
    }
  }

  /**
   * An entry for one who is to wait. The mutex must be held.
   * @throws RangeError when memory is exhausted
   */
  add(stamp: number): Entry {
    const entry = this.#findFree() ?? this.#grow()
    const { words, at } = entry
    words[at + TAG] = this.#agent.tag
    // The bell of one who died waiting here would be rung for nothing.
    Atomics.store(words, at + WAITLIST + BELLS, 0)
    Atomics.store(words, at + STATE, (stamp << FATE_BITS) | Fate.waiting)
    return entry
  }

  fate(entry: Entry): Fate {
    return (Atomics.load(entry.words, entry.at + STATE) & FATE) as Fate
  }

  stamp(entry: Entry): number {
    return Atomics.load(entry.words, entry.at + STATE) >>> FATE_BITS
  }

  /** Whether its waiter's agent has not ended. */
  isAlive({ words, at }: Entry, thorough: boolean): boolean {
    return this.#agent.isAlive(Atomics.load(words, at + TAG), thorough)
  }

  /** All entries that are in use. The mutex must be held. */
  entries(): Entry[] {
    const found: Entry[] = []
    this.#forEach((entry) => {
      if (this.fate(entry) !== Fate.free) found.push(entry)
      return false
    })
    return found
  }

  /** Tells a waiter its fate. The mutex must be held. */
  tell({ words, at, word }: Entry, fate: Fate): void {
    this.#agent.noteWake(word + WAITLIST)
    const state = Atomics.load(words, at + STATE)
    Atomics.store(words, at + STATE, (state & ~FATE) | fate)
    wake(this.#agent, words, at + WAITLIST, 1)
    this.#agent.noteWake(0)
  }

  /** An entry is nobody's any more. Its waiter may do so at any time, once it has been told; others, and before that, with the mutex held. */
  free({ words, at }: Entry): void {
    Atomics.store(words, at + STATE, Fate.free)
  }

  /** Waits until the entry's fate is decided, or time is up. */
  *sleep(entry: Entry, waiter: Waiter): Suspending<void> {
    const { words } = entry
    const at = entry.at + WAITLIST
    let resumption: Resumption | undefined
    try {
      for (;;) {
        const ticket = waiter.enlist(words, at)
        if (this.fate(entry) !== Fate.waiting || resumption === 'expired' || resumption === 'aborted') return
        resumption = yield { words, at, ticket, tick: 0 }
      }
    } finally {
      waiter.withdraw(words, at)
    }
  }

  #findFree(): Entry | undefined {
    return this.#forEach((entry) => this.fate(entry) === Fate.free)
  }

  /** The first entry for which `found` is true. */
  #forEach(found: (entry: Entry) => boolean): Entry | undefined {
    for (let n = 0; ; n++) {
      const { words, at, word, size } = this.#chunks[n] as Chunk
      for (let offset = ENTRIES; offset < ENTRIES + size * ENTRY_WORDS; offset += ENTRY_WORDS) {
        const entry = { words, at: at + offset, word: word + offset }
        if (found(entry)) return entry
      }
      if (n + 1 < this.#chunks.length) continue
      const next = Atomics.load(words, at + NEXT)
      if (next === 0) return undefined
      this.#chunks.push(chunkAt(this.#agent, unpack(next)))
    }
  }

  #grow(): Entry {
    const last = this.#chunks.at(-1) as Chunk
    const size = Math.min(last.size * 2, MOST_ENTRIES)
    const address = this.#agent.heap.allocate((ENTRIES + size * ENTRY_WORDS) * 4, true)
    const { views, offset } = this.#agent.space.at(address, 8)
    views.i32[offset / 4 + SIZE] = size
    const chunk = chunkAt(this.#agent, address)
    // From here on it is found with the object; before, dying left a block to be swept.
    Atomics.store(last.words, last.at + NEXT, pack(address))
    this.#chunks.push(chunk)
    return { words: chunk.words, at: chunk.at + ENTRIES, word: chunk.word + ENTRIES }
  }

  /** Shows the blocks of the wait set that begins at `address`: `Kind.trace`. */
  static trace(agent: Agent, address: number, found: Trace): void {
    for (const chunk of WaitSet.#blocks(agent, address)) found.block(chunk)
  }

  /** Frees them: `Kind.dispose`. */
  static dispose(agent: Agent, address: number): void {
    for (const chunk of WaitSet.#blocks(agent, address)) agent.heap.free(chunk)
  }

  static #blocks(agent: Agent, address: number): number[] {
    const blocks: number[] = []
    const { views, offset } = agent.space.at(address, WAIT_SET_WORDS * 4)
    let next = Atomics.load(views.i32, offset / 4 + FIRST_CHUNK + NEXT)
    while (next !== 0) {
      blocks.push(unpack(next))
      const chunk = agent.space.at(unpack(next), ENTRIES * 4)
      next = Atomics.load(chunk.views.i32, chunk.offset / 4 + NEXT)
    }
    return blocks
  }
}

function chunkAt(agent: Agent, address: number): Chunk {
  const head = agent.space.at(address, ENTRIES * 4)
  const size = head.views.i32[head.offset / 4 + SIZE] as number
  const { views, offset } = agent.space.at(address, (ENTRIES + size * ENTRY_WORDS) * 4)
  return { words: views.i32, at: offset / 4, word: (address / 4) | 0, size }
}
