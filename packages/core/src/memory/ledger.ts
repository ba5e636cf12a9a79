import { ResourceError } from '../errors.js'
import type { Family } from '../process/family.js'
import { Slot } from '../process/family.js'
import { lockNow } from '../sync/lock-now.js'
import { unlock } from '../sync/mutex.js'
import type { SyncPort } from '../sync/port.js'
import type { Block } from './block.js'
import { type Heap, PUBLISHED } from './heap.js'
import { DIRECTORY_AT, DIRECTORY_WORDS, FREE_ID_AT, IDS_LIVE_AT, IDS_USED_AT, LEDGER_MUTEX_AT, RELEASED_AT } from './layout.js'
import { pack, type Space, unpack } from './space.js'

/**
 * Who holds which of the objects that travelled.
 *
 * An object that never leaves its agent is freed by that agent's finalizer and costs nothing here. The first time it travels it is *published*: it gets an id
 * and an entry in a table; from then on every agent that has it sets one bit in its own bitmap. There are no counts, so no death
 * can leave one wrong: bits are set and cleared by one agent only and vanish with it. Handles on their way (in queues) are found by
 * tracing. `collector.ts` frees what nobody holds.
 *
 * The table is made of chunks (heap blocks) listed in the root's directory; an agent's bitmap likewise, listed in a block that its slot names.
 */
const CHUNK_IDS = 2048
const ENTRY_WORDS = 4
/** Words of an entry. `kind` 0: the entry is free, and `address` links to the next free id. */
export const Entry = { address: 0, kind: 1, touched: 2, bytes: 3 } as const

export class Ledger {
  readonly #port: SyncPort
  readonly #space: Space
  readonly #heap: Heap
  readonly #family: Family
  readonly #root: Int32Array

  constructor(port: SyncPort, space: Space, heap: Heap, family: Family) {
    this.#port = port
    this.#space = space
    this.#heap = heap
    this.#family = family
    this.#root = family.words
  }

  /** Makes a block known to the family, held by this agent. */
  publish(block: Block): void {
    const root = this.#root
    if (lockNow(this.#port, root, LEDGER_MUTEX_AT)) this.#repair()
    try {
      let id = root[FREE_ID_AT] as number
      if (id === 0) {
        id = (root[IDS_USED_AT] as number) || 1
        this.#ensureChunk(id)
        root[IDS_USED_AT] = id + 1
      } else {
        const { words, at } = this.entry(id)
        root[FREE_ID_AT] = words[at + Entry.address] as number
      }
      const { words, at } = this.entry(id)
      // Held before it is findable, and answered for by this agent until the entry is whole: death at any point leaves either
      // a block to be swept or an entry that nobody holds.
      this.#setHold(id)
      words[at + Entry.address] = pack(block.address)
      words[at + Entry.bytes] = block.bytes
      Atomics.store(words, at + Entry.touched, 1)
      Atomics.store(words, at + Entry.kind, block.kind)
      this.#heap.setOwner(block.address, PUBLISHED)
      root[IDS_LIVE_AT] = (root[IDS_LIVE_AT] as number) + 1
      block.id = id
    } finally {
      unlock(this.#port, root, LEDGER_MUTEX_AT)
    }
  }

  /** A handle sets out or arrives: the collector must not conclude anything about it from what it saw before. */
  touch(id: number): void {
    const { words, at } = this.entry(id)
    Atomics.store(words, at + Entry.touched, 1)
  }

  /** This agent holds the object from now on. To be called before the message that brought it is taken away. */
  hold(id: number): void {
    this.#setHold(id)
    this.touch(id)
  }

  /** This agent has no object for it any more. */
  release(id: number): void {
    const { words, at } = this.entry(id)
    const weight = 1 + ((words[at + Entry.bytes] as number) >>> 14)
    const page = this.#holdsPage(this.#port.tag, id, false)
    if (page) Atomics.and(page.words, page.at + ((id % CHUNK_IDS) >>> 5), ~(1 << (id & 31)))
    Atomics.add(this.#root, RELEASED_AT, weight)
  }

  /** Whether any agent in the table holds it. */
  isHeld(id: number, tags: readonly number[]): boolean {
    for (const tag of tags) {
      const page = this.#holdsPage(tag, id, false)
      if (page && (Atomics.load(page.words, page.at + ((id % CHUNK_IDS) >>> 5)) & (1 << (id & 31))) !== 0) return true
    }
    return false
  }

  /** Where an id's entry lies. */
  entry(id: number): { words: Int32Array; at: number } {
    const chunk = unpack(this.#root[DIRECTORY_AT + Math.floor(id / CHUNK_IDS)] as number)
    const { views, offset } = this.#space.at(chunk, CHUNK_IDS * ENTRY_WORDS * 4)
    return { words: views.i32, at: offset / 4 + (id % CHUNK_IDS) * ENTRY_WORDS }
  }

  /** Every id in use. */
  ids(): number[] {
    const found: number[] = []
    const used = this.#root[IDS_USED_AT] as number
    for (let id = 1; id < used; id++) {
      const { words, at } = this.entry(id)
      if (Atomics.load(words, at + Entry.kind) !== 0) found.push(id)
    }
    return found
  }

  /** Shows every published object, none of which can be freed meanwhile. `visit` must not wait. */
  forEach(visit: (kind: number, address: number) => void): void {
    const root = this.#root
    if (lockNow(this.#port, root, LEDGER_MUTEX_AT)) this.#repair()
    try {
      for (const id of this.ids()) {
        const { words, at } = this.entry(id)
        visit(words[at + Entry.kind] as number, unpack(words[at + Entry.address] as number))
      }
    } finally {
      unlock(this.#port, root, LEDGER_MUTEX_AT)
    }
  }

  /** Takes an id out of use. Only the collector does. */
  retire(id: number): void {
    const root = this.#root
    if (lockNow(this.#port, root, LEDGER_MUTEX_AT)) this.#repair()
    try {
      const { words, at } = this.entry(id)
      Atomics.store(words, at + Entry.kind, 0)
      words[at + Entry.address] = root[FREE_ID_AT] as number
      root[FREE_ID_AT] = id
      root[IDS_LIVE_AT] = (root[IDS_LIVE_AT] as number) - 1
    } finally {
      unlock(this.#port, root, LEDGER_MUTEX_AT)
    }
  }

  /** Whether enough was given up since the last collection to look for garbage: a share of what lives, so that the cost per object stays constant. */
  get wantsCollection(): boolean {
    return Atomics.load(this.#root, RELEASED_AT) >= Math.max(64, (this.#root[IDS_LIVE_AT] as number) / 2)
  }

  /** The last holder of the mutex died: what it was taking from or giving to the list of free ids is found again. */
  #repair(): void {
    const root = this.#root
    let free = 0
    let live = 0
    for (let id = (root[IDS_USED_AT] as number) - 1; id > 0; id--) {
      const { words, at } = this.entry(id)
      if (words[at + Entry.kind] !== 0) live++
      else {
        words[at + Entry.address] = free
        free = id
      }
    }
    root[FREE_ID_AT] = free
    root[IDS_LIVE_AT] = live
  }

  #setHold(id: number): void {
    const page = this.#holdsPage(this.#port.tag, id, true)
    if (page) Atomics.or(page.words, page.at + ((id % CHUNK_IDS) >>> 5), 1 << (id & 31))
  }

  /** The page of an agent's bitmap in which an id's bit lies. */
  #holdsPage(tag: number, id: number, make: boolean): { words: Int32Array; at: number } | undefined {
    const slot = this.#family.at(tag) + Slot.holds
    let packed = Atomics.load(this.#root, slot)
    if (packed === 0) {
      if (!make) return undefined
      packed = this.#page(DIRECTORY_WORDS * 4)
      Atomics.store(this.#root, slot, packed)
    }
    const directory = this.#space.at(unpack(packed), DIRECTORY_WORDS * 4)
    const index = directory.offset / 4 + Math.floor(id / CHUNK_IDS)
    let page = Atomics.load(directory.views.i32, index)
    if (page === 0) {
      if (!make) return undefined
      page = this.#page(CHUNK_IDS / 8)
      Atomics.store(directory.views.i32, index, page)
    }
    const { views, offset } = this.#space.at(unpack(page), CHUNK_IDS / 8)
    return { words: views.i32, at: offset / 4 }
  }

  #ensureChunk(id: number): void {
    const index = Math.floor(id / CHUNK_IDS)
    if (index >= DIRECTORY_WORDS) {
      throw new ResourceError(
        `${id} shared objects have travelled and are still in use; a family can keep track of ${DIRECTORY_WORDS * CHUNK_IDS}`,
      )
    }
    if (this.#root[DIRECTORY_AT + index] !== 0) return
    const chunk = this.#page(CHUNK_IDS * ENTRY_WORDS * 4)
    this.#heap.setOwner(unpack(chunk), PUBLISHED)
    Atomics.store(this.#root, DIRECTORY_AT + index, chunk)
  }

  /** Memory for the books themselves. */
  #page(bytes: number): number {
    const address = this.#heap.allocate(bytes, true)
    this.#heap.markInternal(address)
    return pack(address)
  }
}
