import type { Agent } from '../agent.js'
import type { Block } from '../memory/block.js'
import type { Trace } from '../memory/kinds.js'
import { type Place, unpack } from '../memory/space.js'
import { lockNow } from '../sync/lock-now.js'
import { unlock } from '../sync/mutex.js'
import type { Resumption, Suspending, Waiter } from '../sync/suspend.js'
import { ALL, rouse, type WaitlistPlace, wake } from '../sync/waitlist.js'
import { SHARE, type Shareable } from '../wire/shareable.js'
import { INLINE_BYTES, type Outgoing } from './record.js'
import { type Decode, Segments } from './segments.js'

/**
 * A first-in-first-out sequence of records in shared memory, for any number of producers and consumers. A lock at each end; producers and consumers meet
 * only in two counters.
 *
 * What is in the ring is a function of PUTS and GETS alone. A record exists from the one store of PUTS that commits it to the one store of
 * GETS that takes it. The positions that belong to a count are kept twice, at `count & 1`: the pair for the *next* count is written before the store that
 * makes it valid, so that death between any two steps leaves the old state or the new one, and recovery has nothing to repair.
 */
/** Words, from the block's first. Producers write the first 16, consumers the others, so that the two ends share few cache lines. */
const PUT_MUTEX = 0
const PUTS = 13
/** Twice (segment, position): where the next record goes, for an even and for an odd count of puts. */
const TAIL = 4
const MAXSIZE = 8
const FLAGS = 9
/** Set once any record has carried a handle: others need not be traced for them. */
const CARRIES_HANDLES = 10
const NOT_EMPTY = 11
/** Once DROPPED is set: how many records had been taken by then. The others will never be. */
const DROPPED_FROM = 14
const GET_MUTEX = 16
const HEAD = 20
const NOT_FULL = 24
const GETS = 26
export const RING_BYTES = 27 * 4

const SHUT = 1
const DROPPED = 2

/** What `take` gives when there is nothing. */
export const EMPTY: unique symbol = Symbol('empty')

/** What became of an offer. */
export const Offered = { done: 0, full: 1, shut: 2 } as const
export type Offered = (typeof Offered)[keyof typeof Offered]

export class Ring {
  readonly #agent: Agent
  readonly #block: Block
  /** The object of the block, as it travels; to be set by whoever makes the ring, but where the block has travelled already. */
  container: Shareable | undefined
  readonly #words: Int32Array
  readonly #at: number
  readonly #segments: Segments
  readonly #maxsize: number
  /** For `Agent.noteWake`. */
  readonly #notEmptyWord: number
  readonly #notFullWord: number
  /** Records are copied here before they are decoded: the lock is held for the copy only. Made by the first take: many agents only put. */
  #scratch: Int32Array | undefined
  #scratchBytes: Uint8Array | undefined

  /** @param offset where in the block it lies: bytes, a multiple of 8 */
  constructor(agent: Agent, block: Block, offset = 0) {
    this.#agent = agent
    this.#block = block
    this.#words = block.views.i32
    this.#at = block.at + offset / 4
    this.#segments = new Segments(agent)
    this.#maxsize = this.#words[this.#at + MAXSIZE] as number
    this.#notEmptyWord = ((block.address + offset) / 4 + NOT_EMPTY) | 0
    this.#notFullWord = ((block.address + offset) / 4 + NOT_FULL) | 0
  }

  /** Prepares a fresh, zeroed block. @param maxsize records; 0: bounded only by memory */
  static format(block: Block, maxsize: number): void {
    block.views.i32[block.at + MAXSIZE] = maxsize
  }

  get size(): number {
    if (this.isDropped) return 0
    // Gets first: puts only grow meanwhile, so the difference never comes out negative.
    const gets = Atomics.load(this.#words, this.#at + GETS)
    return (Atomics.load(this.#words, this.#at + PUTS) - gets) | 0
  }

  get maxsize(): number {
    return this.#maxsize
  }

  get isShut(): boolean {
    return (Atomics.load(this.#words, this.#at + FLAGS) & SHUT) !== 0
  }

  /** Whether what was left was dropped when it was shut. */
  get isDropped(): boolean {
    return (Atomics.load(this.#words, this.#at + FLAGS) & DROPPED) !== 0
  }

  /** Whether a take would not have to wait: there is a record, or there will be none. */
  get isReady(): boolean {
    return this.size > 0 || this.isShut
  }

  /** The waitlist of those who wait for records. */
  get arrivals(): WaitlistPlace {
    return { words: this.#words, at: this.#at + NOT_EMPTY }
  }

  /** How many records were ever put, without those that were dropped. */
  get kept(): number {
    return this.isDropped ? (this.#words[this.#at + DROPPED_FROM] as number) : this.puts
  }

  /** How many records were ever put: the number of the next one. */
  get puts(): number {
    return Atomics.load(this.#words, this.#at + PUTS)
  }

  /** How many records were ever taken. */
  get gets(): number {
    return Atomics.load(this.#words, this.#at + GETS)
  }

  /** Puts a record, if there is room. Never waits but for the other producers' few instructions. */
  offer(record: Outgoing): Offered {
    const agent = this.#agent
    const words = this.#words
    const at = this.#at
    // The collector looks only into what is known to it: what has travelled, or might.
    if (record.handles.length > 0 && this.#block.id === 0) this.container?.[SHARE]()
    lockNow(agent, words, at + PUT_MUTEX)
    try {
      if (((words[at + FLAGS] as number) & SHUT) !== 0) return Offered.shut
      const puts = words[at + PUTS] as number
      if (this.#maxsize !== 0 && ((puts - Atomics.load(words, at + GETS)) | 0) >= this.#maxsize) return Offered.full
      const tail = at + TAIL + (puts & 1) * 2
      const next = at + TAIL + ((puts + 1) & 1) * 2
      const { handles } = record
      if (handles.length > 0) {
        Atomics.store(words, at + CARRIES_HANDLES, 1)
        // Before the record can be found here: see the collector.
        for (const id of handles) if (id !== 0) agent.ledger.touch(id)
      }
      const end = this.#segments.append(words[tail] as number, words[tail + 1] as number, record)
      if (puts === 0 && words[tail] === 0) {
        // The very first: nobody looks at the head before the count says that there is something.
        words[at + HEAD] = end.first
        words[at + HEAD + 1] = Segments.START
      }
      words[next] = end.segment
      words[next + 1] = end.position
      agent.noteWake(this.#notEmptyWord)
      Atomics.store(words, at + PUTS, (puts + 1) | 0)
    } finally {
      unlock(agent, words, at + PUT_MUTEX)
    }
    wake(agent, words, at + NOT_EMPTY, 1)
    agent.noteWake(0)
    return Offered.done
  }

  /**
   * Takes the oldest record and decodes it; `EMPTY` where there is none.
   * @param decode makes the item of its bytes; default: the codec
   * @param claim makes a note of the record's number before it is taken, or refuses it
   */
  take(decode?: Decode, claim?: (number: number) => boolean): unknown {
    return this.#take(false, decode, claim)
  }

  /** @param dropped whether to take what was dropped, or what was not */
  #take(dropped: boolean, decode?: Decode, claim?: (number: number) => boolean): unknown {
    const agent = this.#agent
    const words = this.#words
    const at = this.#at
    if (Atomics.load(words, at + PUTS) === Atomics.load(words, at + GETS)) return EMPTY
    const segments = this.#segments
    this.#scratch ??= new Int32Array(INLINE_BYTES / 4)
    this.#scratchBytes ??= new Uint8Array(this.#scratch.buffer)
    lockNow(agent, words, at + GET_MUTEX)
    try {
      const gets = words[at + GETS] as number
      if (Atomics.load(words, at + PUTS) === gets) return EMPTY
      if (this.isDropped !== dropped) return EMPTY
      if (claim && !claim(gets)) return EMPTY
      const head = at + HEAD + (gets & 1) * 2
      segments.read(words[head] as number, words[head + 1] as number, this.#scratch, dropped)
      const next = at + HEAD + ((gets + 1) & 1) * 2
      words[next] = segments.segment
      words[next + 1] = segments.position
      if (this.#maxsize !== 0) agent.noteWake(this.#notFullWord)
      Atomics.store(words, at + GETS, (gets + 1) | 0)
    } finally {
      unlock(agent, words, at + GET_MUTEX)
    }
    if (this.#maxsize !== 0) {
      wake(agent, words, at + NOT_FULL, 1)
      agent.noteWake(0)
    }
    return segments.decode(this.#scratchBytes, decode)
  }

  /** Waits until `record` is in. `full` when time ran out. */
  *offerSlow(record: Outgoing, waiter: Waiter): Suspending<Offered> {
    const words = this.#words
    const at = this.#at + NOT_FULL
    let resumption: Resumption | undefined
    try {
      for (;;) {
        const ticket = waiter.enlist(words, at)
        // Nobody waits for what an aborted put would do.
        const offered = resumption === 'aborted' ? Offered.full : this.offer(record)
        if (offered !== Offered.full || isOver(resumption)) return offered
        resumption = yield { words, at, ticket, tick: 0 }
      }
    } finally {
      waiter.withdraw(words, at)
    }
  }

  /** Waits until there is a record. `EMPTY` when time ran out, or when the ring is shut and drained. */
  *takeSlow(waiter: Waiter, decode?: Decode, claim?: (number: number) => boolean): Suspending<unknown> {
    const words = this.#words
    const at = this.#at + NOT_EMPTY
    let resumption: Resumption | undefined
    try {
      for (;;) {
        const ticket = waiter.enlist(words, at)
        if (resumption === 'aborted') return EMPTY
        // Shut is read first: once it is seen, no put is under way any more, and what the take does not find will never come.
        const shut = this.isShut
        const item = this.take(decode, claim)
        if (item !== EMPTY || shut || isOver(resumption)) return item
        resumption = yield { words, at, ticket, tick: 0 }
      }
    } finally {
      waiter.withdraw(words, at)
    }
  }

  /**
   * Lets nothing more in, and wakes everyone.
   * @param drop whether what is still there is dropped
   * @param clear whether what was dropped is freed at once
   */
  shut(drop: boolean, clear = drop): void {
    const agent = this.#agent
    const words = this.#words
    const at = this.#at
    // Under the producers' lock, so that no put is half-way when others see it.
    lockNow(agent, words, at + PUT_MUTEX)
    Atomics.or(words, at + FLAGS, SHUT)
    unlock(agent, words, at + PUT_MUTEX)
    if (drop) this.#drop()
    wake(agent, words, at + NOT_EMPTY, ALL)
    wake(agent, words, at + NOT_FULL, ALL)
    if (clear) this.clear()
  }

  /**
   * Turns queued records into ones that consumers pass over.
   * @param which by the record's number
   * @param then runs before any consumer can go on
   */
  revoke(which: (number: number) => boolean, then?: () => void): void {
    const agent = this.#agent
    const words = this.#words
    lockNow(agent, words, this.#at + GET_MUTEX)
    try {
      let number = words[this.#at + GETS] as number
      walk(agent, words, this.#at, (place, position) => {
        if (which(number)) Segments.revoke(place, position)
        number = (number + 1) | 0
      })
      then?.()
    } finally {
      unlock(agent, words, this.#at + GET_MUTEX)
    }
  }

  /**
   * Waits for records and gives them to `each` as they come, until it has no use for more.
   * @param tick ms after which `each` is called in any case; 0: never
   */
  *drain(waiter: Waiter, tick: number, each: (resumption: Resumption | undefined) => boolean): Suspending<boolean> {
    const words = this.#words
    const at = this.#at + NOT_EMPTY
    let resumption: Resumption | undefined
    try {
      for (;;) {
        const ticket = waiter.enlist(words, at)
        if (each(resumption)) return true
        if (isOver(resumption)) return false
        resumption = yield { words, at, ticket, tick }
      }
    } finally {
      waiter.withdraw(words, at)
    }
  }

  /**
   * For one who only looks: passes on the wake-up that it may have had in the place of one who takes. Else that one would sleep beside the record.
   */
  passOn(): void {
    wake(this.#agent, this.#words, this.#at + NOT_EMPTY, 1)
  }

  /** Makes everyone who waits for records look again, although there is none. */
  nudge(): void {
    wake(this.#agent, this.#words, this.#at + NOT_EMPTY, ALL)
  }

  /**
   * What is left was never put, as far as anyone can tell, from the one store of DROPPED on. The ring is shut, and takes are kept out, so neither counter moves
   * meanwhile.
   */
  #drop(): void {
    const agent = this.#agent
    const words = this.#words
    const at = this.#at
    lockNow(agent, words, at + GET_MUTEX)
    if (!this.isDropped) {
      words[at + DROPPED_FROM] = words[at + GETS] as number
      Atomics.or(words, at + FLAGS, DROPPED)
    }
    unlock(agent, words, at + GET_MUTEX)
  }

  /** Frees what was dropped. Where nobody gets to it, it is freed with the ring. */
  clear(): void {
    while (this.#take(true) !== EMPTY);
  }

  /** A ring as one finds it at a burial: `Kind.mourn`. Who shut it may have died before everyone was woken. */
  static mourn(agent: Agent, address: number): void {
    const { views, offset } = agent.space.at(address, RING_BYTES)
    const at = offset / 4
    if ((Atomics.load(views.i32, at + FLAGS) & SHUT) === 0) return
    rouse(agent, views.i32, at + NOT_EMPTY)
    rouse(agent, views.i32, at + NOT_FULL)
  }

  /** Shows all that a ring holds: `Kind.trace`. */
  static trace(agent: Agent, address: number, found: Trace): void {
    const { views, offset } = agent.space.at(address, RING_BYTES)
    const words = views.i32
    const at = offset / 4
    lockNow(agent, words, at + GET_MUTEX)
    try {
      walk(agent, words, at, (place, position) => Segments.trace(place, position, found), found.block)
    } finally {
      unlock(agent, words, at + GET_MUTEX)
    }
  }

  /** Gives back all segments and large items of a ring that nobody uses any more: `Kind.dispose`. */
  static dispose(agent: Agent, address: number): void {
    const { views, offset } = agent.space.at(address, RING_BYTES)
    const blocks: number[] = []
    const found: Trace = { block: (one) => blocks.push(one), handle: () => {} }
    walk(agent, views.i32, offset / 4, (place, position) => Segments.trace(place, position, found), found.block)
    for (const one of blocks) agent.heap.free(one)
  }
}

function isOver(resumption: Resumption | undefined): boolean {
  return resumption === 'expired' || resumption === 'aborted'
}

/** Visits every record from the head to the tail, and every segment. The consumers' lock must be held, or nobody left to take it. */
function walk(
  agent: Agent,
  words: Int32Array,
  at: number,
  record: (place: Place, position: number) => void,
  segment?: (address: number) => void,
): void {
  const gets = words[at + GETS] as number
  const puts = Atomics.load(words, at + PUTS)
  let packed = words[at + HEAD + (gets & 1) * 2] as number
  let position = words[at + HEAD + (gets & 1) * 2 + 1] as number
  if (packed === 0) return
  segment?.(unpack(packed))
  let place = Segments.place(agent, packed)
  for (let left = (puts - gets) | 0; left > 0; left--) {
    const next = Segments.follow(place, position)
    if (next !== 0) {
      packed = next
      position = Segments.START
      segment?.(unpack(packed))
      place = Segments.place(agent, packed)
    }
    record(place, position)
    position = Segments.after(place, position)
  }
}
