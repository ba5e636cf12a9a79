import type { Agent } from '../agent.js'
import { ResourceError } from '../errors.js'
import type { Trace } from '../memory/kinds.js'
import { type Place, pack, unpack } from '../memory/space.js'
import { Copies } from './copies.js'
import { entryAt, orderOf, RECORD, recordOf } from './entry.js'
import { EXCLUSIVE_WORDS } from './exclusive.js'
import { keyWords, type Probe } from './key.js'
import { covers, EMPTY, eachEntry, freeSlot, GRAVE, isEntry, slotAt, slotIndex, slotsOf, tableAt, tableBytes } from './slots.js'
import { recordWords, touchRecord, traceRecord } from './stored-value.js'

/**
 * A hash table in shared memory: open addressing with linear probing, at most three quarters full. Whoever calls holds its lock (`Exclusive`), but for `size`.
 *
 * An entry (`entry.ts`) never changes. So every change is committed by one store, and an agent may die between any two
 * instructions: a slot's second word (a new entry, another entry, none), or TABLE (another table, built aside; none). What derives from these, the
 * counts, is counted again by whoever takes the lock from the dead. Blocks that are to go are made this agent's own before the store that lets go of them:
 * should it die in between, the collector sweeps those that nothing refers to.
 *
 * | words of the header | hold                                                             |
 * |---------------------|------------------------------------------------------------------|
 * | 0 …                 | the locks                                                         |
 * | TABLE               | packed address of the table; 0: there is none                     |
 * | SIZE                | entries                                                           |
 * | USED                | slots that are not empty: entries, and graves                     |
 * | SEED                | of the hashes                                                     |
 * | ORDER               | a double: the place in the order of insertion of the next entry   |
 */
const TABLE = EXCLUSIVE_WORDS
const SIZE = TABLE + 1
const USED = TABLE + 2
const SEED = TABLE + 3
const ORDER = TABLE + 4
export const HASH_TABLE_BYTES = (ORDER + 2) * 4

const LEAST_SLOTS = 8

if (ORDER % 2 !== 0) throw new Error('the double in the header must be aligned')

/** Entries as they were at one moment, and where in `copies` their keys and records are. */
export interface EntryCopies {
  readonly copies: Copies
  readonly entries: readonly { readonly key: number; readonly record: number }[]
}

export class HashTable {
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #at: number
  /** The table as this agent saw it last. */
  #packed = 0
  #place: Place | undefined

  /** @param place of the header */
  constructor(agent: Agent, { views, offset }: Place) {
    this.#agent = agent
    this.#words = views.i32
    this.#doubles = views.f64
    this.#at = offset / 4
  }

  /** Prepares a fresh, zeroed header. */
  static format({ views, offset }: Place, seed: number): void {
    views.i32[offset / 4 + SEED] = seed
  }

  get seed(): number {
    return this.#words[this.#at + SEED] as number
  }

  get size(): number {
    return Atomics.load(this.#words, this.#at + SIZE)
  }

  /** Where the record of a key's value is; `undefined`: it has none. */
  find(probe: Probe): Place | undefined {
    const table = this.#table()
    if (table === undefined) return undefined
    const slot = this.#slotOf(table, probe)
    if (slot < 0) return undefined
    return recordOf(this.#entry(table.views.i32[slot + 1] as number))
  }

  /**
   * Puts an entry in, in the place of one with the same key.
   * @returns the address of the one that it replaces, which is the caller's to free; 0: none
   * @throws ResourceError, TooLargeError where there is no memory for a larger table; nothing has changed
   */
  put(probe: Probe, address: number): number {
    const entry = this.#entry(pack(address))
    let table = this.#table()
    const known = table === undefined ? -1 : this.#slotOf(table, probe)
    if (table !== undefined && known >= 0) {
      const { i32 } = table.views
      const old = i32[known + 1] as number
      entry.views.f64[entry.offset / 8] = orderOf(this.#entry(old))
      this.#touch(entry)
      this.#agent.heap.setOwner(unpack(old), this.#agent.tag)
      Atomics.store(i32, known + 1, pack(address))
      return unpack(old)
    }
    if (table === undefined || ((this.#words[this.#at + USED] as number) + 1) * 4 > slotsOf(table) * 3) {
      table = this.#rebuild(this.size + 1)
    }
    const order = this.#doubles[(this.#at + ORDER) / 2] as number
    entry.views.f64[entry.offset / 8] = order
    this.#doubles[(this.#at + ORDER) / 2] = order + 1
    this.#touch(entry)
    const { i32 } = table.views
    const slot = freeSlot(table, probe.hash)
    const wasEmpty = i32[slot + 1] === EMPTY
    i32[slot] = probe.hash
    Atomics.store(i32, slot + 1, pack(address))
    this.#count(1, wasEmpty ? 1 : 0)
    return 0
  }

  /** Takes a key's entry out. @returns its address, which is the caller's to free; 0: there was none */
  take(probe: Probe): number {
    const table = this.#table()
    const slot = table === undefined ? -1 : this.#slotOf(table, probe)
    if (table === undefined || slot < 0) return 0
    const { i32 } = table.views
    const old = i32[slot + 1] as number
    this.#agent.heap.setOwner(unpack(old), this.#agent.tag)
    const n = slotIndex(table, slot)
    // Where a search would end anyway no grave is needed, nor are those right before it.
    const isLast = i32[slotAt(table, n + 1) + 1] === EMPTY
    Atomics.store(i32, slot + 1, isLast ? EMPTY : GRAVE)
    this.#count(-1, isLast ? -1 : 0)
    for (let before = n - 1; isLast && i32[slotAt(table, before) + 1] === GRAVE; before--) {
      Atomics.store(i32, slotAt(table, before) + 1, EMPTY)
      this.#count(0, -1)
    }
    if (slotsOf(table) > LEAST_SLOTS && this.size * 8 < slotsOf(table)) this.#shrink()
    return unpack(old)
  }

  /** Takes everything out. @returns the addresses of all blocks, which are the caller's to free */
  clear(): number[] {
    const blocks: number[] = []
    HashTable.#walk(this.#agent, this.#words, this.#at, { block: (one) => blocks.push(one), handle: () => {} })
    for (const one of blocks) this.#agent.heap.setOwner(one, this.#agent.tag)
    Atomics.store(this.#words, this.#at + TABLE, 0)
    this.#words[this.#at + SIZE] = 0
    this.#words[this.#at + USED] = 0
    return blocks
  }

  /** Copies every key, and with `values` every value, in the order of insertion. */
  copy(withValues: boolean): EntryCopies {
    const copies = new Copies(this.#agent)
    const entries: { readonly order: number; readonly key: number; readonly record: number }[] = []
    const table = this.#table()
    if (table === undefined) return { copies, entries }
    eachEntry(table, (packed) => {
      const entry = this.#entry(packed)
      const { i32 } = entry.views
      const at = entry.offset / 4 + RECORD
      const keyAt = at + recordWords(i32, at)
      const key = copies.add(i32, keyAt, keyWords(i32[keyAt] as number))
      entries.push({ order: orderOf(entry), key, record: withValues ? copies.addRecord(i32, at) : 0 })
    })
    return { copies, entries: entries.sort((a, b) => a.order - b.order) }
  }

  /** Counts anew. */
  repair(): void {
    let [size, used, order] = [0, 0, 0]
    const table = this.#table()
    if (table !== undefined) {
      const { i32 } = table.views
      for (let n = slotsOf(table) - 1; n >= 0; n--) {
        const packed = i32[slotAt(table, n) + 1] as number
        if (packed !== EMPTY) used++
        if (!isEntry(packed)) continue
        size++
        order = Math.max(order, orderOf(this.#entry(packed)) + 1)
      }
    }
    this.#words[this.#at + SIZE] = size
    this.#words[this.#at + USED] = used
    this.#doubles[(this.#at + ORDER) / 2] = order
  }

  /** Shows all that the table holds: `Kind.trace`, under the lock. */
  trace(found: Trace): void {
    HashTable.#walk(this.#agent, this.#words, this.#at, found)
  }

  /** Gives back everything but the header, of a table that nobody uses any more: `Kind.dispose`. */
  static dispose(agent: Agent, address: number): void {
    const { views, offset } = agent.space.at(address, HASH_TABLE_BYTES)
    const blocks: number[] = []
    HashTable.#walk(agent, views.i32, offset / 4, { block: (one) => blocks.push(one), handle: () => {} })
    for (const one of blocks) agent.heap.free(one)
  }

  static #walk(agent: Agent, words: Int32Array, at: number, found: Trace): void {
    const packed = words[at + TABLE] as number
    if (packed === 0) return
    found.block(unpack(packed))
    const table = tableAt(agent, packed)
    eachEntry(table, (one) => {
      found.block(unpack(one))
      const { views, offset } = entryAt(agent, one)
      traceRecord(views.i32, offset / 4 + RECORD, found)
    })
  }

  #slotOf(table: Place, probe: Probe): number {
    const { i32 } = table.views
    for (let n = probe.hash; ; n++) {
      const slot = slotAt(table, n)
      const packed = i32[slot + 1] as number
      if (packed === EMPTY) return -1
      if (packed === GRAVE || i32[slot] !== probe.hash) continue
      const { views, offset } = this.#entry(packed)
      const record = offset / 4 + RECORD
      if (probe.matches(views, record + recordWords(views.i32, record))) return slot
    }
  }

  #shrink(): void {
    try {
      this.#rebuild(this.size)
    } catch (error) {
      // It is only to save memory. Where there is none to do it with, it stays as it is.
      if (!(error instanceof ResourceError)) throw error
    }
  }

  /** Puts a table in its place that has room for this many entries, and no graves. */
  #rebuild(entries: number): Place {
    const agent = this.#agent
    let slots = LEAST_SLOTS
    while (slots < entries * 2) slots *= 2
    const address = agent.heap.allocate(tableBytes(slots), true)
    const fresh = agent.space.at(address, tableBytes(slots))
    fresh.views.i32[fresh.offset / 4] = slots
    const old = this.#table()
    if (old !== undefined) {
      const { i32 } = old.views
      for (let n = slotsOf(old) - 1; n >= 0; n--) {
        const slot = slotAt(old, n)
        if (!isEntry(i32[slot + 1] as number)) continue
        const to = freeSlot(fresh, i32[slot] as number)
        fresh.views.i32[to] = i32[slot] as number
        fresh.views.i32[to + 1] = i32[slot + 1] as number
      }
    }
    const oldAddress = unpack(this.#words[this.#at + TABLE] as number)
    if (oldAddress !== 0) agent.heap.setOwner(oldAddress, agent.tag)
    Atomics.store(this.#words, this.#at + TABLE, pack(address))
    this.#words[this.#at + USED] = this.size
    if (oldAddress !== 0) agent.heap.free(oldAddress)
    return fresh
  }

  #count(entries: number, used: number): void {
    this.#words[this.#at + SIZE] = (this.#words[this.#at + SIZE] as number) + entries
    this.#words[this.#at + USED] = (this.#words[this.#at + USED] as number) + used
  }

  #touch({ views, offset }: Place): void {
    touchRecord(this.#agent, views.i32, offset / 4 + RECORD)
  }

  #table(): Place | undefined {
    const packed = this.#words[this.#at + TABLE] as number
    if (packed === 0) return undefined
    // Another table, a longer one, may have come to its address.
    if (packed !== this.#packed || this.#place === undefined || !covers(this.#place)) {
      this.#place = tableAt(this.#agent, packed)
      this.#packed = packed
    }
    return this.#place
  }

  #entry(packed: number): Place {
    return entryAt(this.#agent, packed)
  }
}
