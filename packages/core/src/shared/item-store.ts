import type { Agent } from '../agent.js'
import { ResourceError } from '../errors.js'
import type { Trace } from '../memory/kinds.js'
import { type Place, pack, unpack } from '../memory/space.js'
import { EXCLUSIVE_WORDS } from './exclusive.js'
import { type ItemSlot, isBlock, recordAt } from './item-slot.js'
import { copyWords, touchRecord, traceRecord } from './stored-value.js'

/**
 * The items of a list in shared memory. Whoever calls holds its lock (`Exclusive`).
 *
 * Every change is committed by one store, so that an agent may die between any two instructions and there is nothing to repair: a slot (another item), the length (one
 * more or less at the end), or STORE (another store, built aside; none). Blocks that are to go are made this agent's own before the store that lets go of
 * them: should it die in between, the collector sweeps those that nothing refers to.
 *
 * The header is the locks, and STORE, the packed address of the store; 0: there is none. A store is its capacity, the length, then a word for each item (`item-slot.ts`).
 */
const STORE = EXCLUSIVE_WORDS
export const LIST_BYTES = (STORE + 1) * 4

const LENGTH = 1
const SLOTS = 2
/** Stores take whole blocks of the heap, headers of 8 bytes included. */
const LEAST_BYTES = 64
const HEAP_HEADER_BYTES = 8

export class ItemStore {
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #at: number
  /** The store as this agent saw it last. */
  #packed = 0
  #place: Place | undefined

  /** @param place of the header */
  constructor(agent: Agent, { views, offset }: Place) {
    this.#agent = agent
    this.#words = views.i32
    this.#at = offset / 4
  }

  get length(): number {
    const store = this.#store()
    return store === undefined ? 0 : lengthOf(store)
  }

  /** The slot of an item. The index must be below the length. */
  slot(index: number): ItemSlot {
    const { views, offset } = this.#store() as Place
    return views.i32[offset / 4 + SLOTS + index] as number
  }

  /** Puts another item there. @returns the slot of the one that it replaces, which is the caller's to free */
  replace(index: number, slot: ItemSlot): ItemSlot {
    const { views, offset } = this.#store() as Place
    const at = offset / 4 + SLOTS + index
    const old = views.i32[at] as number
    this.#arriving(slot)
    this.#leaving(old)
    Atomics.store(views.i32, at, slot)
    return old
  }

  /**
   * Puts items in before an index, which is at most the length.
   * @throws ResourceError, TooLargeError where there is no memory; nothing has changed
   */
  insert(index: number, slots: readonly ItemSlot[]): void {
    if (slots.length === 0) return
    const store = this.#store()
    const length = store === undefined ? 0 : lengthOf(store)
    if (store === undefined || index < length || length + slots.length > capacityOf(store)) {
      return this.#rebuild(length + slots.length, (to, target) => {
        for (const one of slots) this.#arriving(one)
        if (store) copySlots(store, 0, index, target, to)
        slots.forEach((one, n) => {
          target[to + index + n] = one
        })
        if (store) copySlots(store, index, length - index, target, to + index + slots.length)
      })
    }
    const { views, offset } = store
    slots.forEach((one, n) => {
      this.#arriving(one)
      views.i32[offset / 4 + SLOTS + length + n] = one
    })
    Atomics.store(views.i32, offset / 4 + LENGTH, length + slots.length)
  }

  /**
   * Takes an item out. The index must be below the length.
   * @returns its slot, which is the caller's to free
   * @throws ResourceError where there is no memory; nothing has changed
   */
  take(index: number): ItemSlot {
    const store = this.#store() as Place
    const { views, offset } = store
    const length = lengthOf(store)
    const old = views.i32[offset / 4 + SLOTS + index] as number
    if (index < length - 1) {
      this.#rebuild(length - 1, (to, target) => {
        this.#leaving(old)
        copySlots(store, 0, index, target, to)
        copySlots(store, index + 1, length - index - 1, target, to + index)
      })
      return old
    }
    this.#leaving(old)
    Atomics.store(views.i32, offset / 4 + LENGTH, length - 1)
    if (capacityOf(store) > capacityFor(0) && (length - 1) * 4 < capacityOf(store)) this.#shrink(store)
    return old
  }

  /** Takes everything out. @returns the addresses of all blocks, which are the caller's to free */
  clear(): number[] {
    const blocks: number[] = []
    ItemStore.#walk(this.#agent, this.#words, this.#at, { block: (one) => blocks.push(one), handle: () => {} })
    for (const one of blocks) this.#agent.heap.setOwner(one, this.#agent.tag)
    Atomics.store(this.#words, this.#at + STORE, 0)
    return blocks
  }

  /** Shows all that a list holds: `Kind.trace`, under the lock. */
  trace(found: Trace): void {
    ItemStore.#walk(this.#agent, this.#words, this.#at, found)
  }

  /** Gives back everything but the header, of a list that nobody uses any more: `Kind.dispose`. */
  static dispose(agent: Agent, address: number): void {
    const { views, offset } = agent.space.at(address, LIST_BYTES)
    const blocks: number[] = []
    ItemStore.#walk(agent, views.i32, offset / 4, { block: (one) => blocks.push(one), handle: () => {} })
    for (const one of blocks) agent.heap.free(one)
  }

  static #walk(agent: Agent, words: Int32Array, at: number, found: Trace): void {
    const packed = words[at + STORE] as number
    if (packed === 0) return
    found.block(unpack(packed))
    const store = storeAt(agent, packed)
    const first = store.offset / 4 + SLOTS
    for (let n = lengthOf(store) - 1; n >= 0; n--) {
      const slot = store.views.i32[first + n] as number
      if (!isBlock(slot)) continue
      found.block(unpack(slot))
      const { views, offset } = recordAt(agent, slot)
      traceRecord(views.i32, offset / 4, found)
    }
  }

  /** Puts a store in its place that has room for `length` items, as `fill` writes them from a word on. */
  #rebuild(length: number, fill: (to: number, target: Int32Array) => void): void {
    const agent = this.#agent
    const capacity = capacityFor(length)
    const bytes = (SLOTS + capacity) * 4
    const address = agent.heap.allocate(bytes, false)
    const { views, offset } = agent.space.at(address, bytes)
    views.i32[offset / 4] = capacity
    views.i32[offset / 4 + LENGTH] = length
    fill(offset / 4 + SLOTS, views.i32)
    const old = unpack(this.#words[this.#at + STORE] as number)
    if (old !== 0) agent.heap.setOwner(old, agent.tag)
    Atomics.store(this.#words, this.#at + STORE, pack(address))
    if (old !== 0) agent.heap.free(old)
  }

  #shrink(store: Place): void {
    try {
      this.#rebuild(lengthOf(store), (to, target) => copySlots(store, 0, lengthOf(store), target, to))
    } catch (error) {
      // It is only to save memory. Where there is none to do it with, it stays as it is.
      if (!(error instanceof ResourceError)) throw error
    }
  }

  #arriving(slot: ItemSlot): void {
    if (!isBlock(slot)) return
    const { views, offset } = recordAt(this.#agent, slot)
    touchRecord(this.#agent, views.i32, offset / 4)
  }

  #leaving(slot: ItemSlot): void {
    if (isBlock(slot)) this.#agent.heap.setOwner(unpack(slot), this.#agent.tag)
  }

  #store(): Place | undefined {
    const packed = this.#words[this.#at + STORE] as number
    if (packed === 0) return undefined
    // Another store, a longer one, may have come to its address.
    if (packed !== this.#packed || this.#place === undefined || !covers(this.#place)) {
      this.#place = storeAt(this.#agent, packed)
      this.#packed = packed
    }
    return this.#place
  }
}

/** The most items for which a store is no larger than for `length`. */
function capacityFor(length: number): number {
  let bytes = LEAST_BYTES
  while (bytes < HEAP_HEADER_BYTES + (SLOTS + length) * 4) bytes *= 2
  return (bytes - HEAP_HEADER_BYTES) / 4 - SLOTS
}

function storeAt(agent: Agent, packed: number): Place {
  const address = unpack(packed)
  const place = agent.space.at(address, 8)
  return agent.space.at(address, (SLOTS + capacityOf(place)) * 4)
}

/** Whether the views reach to the store's end. */
function covers(store: Place): boolean {
  return store.offset + (SLOTS + capacityOf(store)) * 4 <= store.views.bytes
}

function capacityOf({ views, offset }: Place): number {
  return views.i32[offset / 4] as number
}

function lengthOf({ views, offset }: Place): number {
  return views.i32[offset / 4 + LENGTH] as number
}

/** @param to the word of `target` for the first of them */
function copySlots({ views, offset }: Place, from: number, count: number, target: Int32Array, to: number): void {
  copyWords(views.i32, offset / 4 + SLOTS + from, count, target, to)
}
