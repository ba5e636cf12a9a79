import type { Agent } from '../agent.js'
import type { SharedList as SharedListContract } from '../contracts/shared-list.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { shown } from '../options.js'
import { relocated } from '../wire/relocated.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Copies } from './copies.js'
import { Exclusive } from './exclusive.js'
import { freeSlots, type ItemSlot, isBlock, makeSlot, recordAt } from './item-slot.js'
import { ItemStore, LIST_BYTES } from './item-store.js'
import { decodeRecord, forgetRecord, OutgoingValue, type Source, takeCopy } from './stored-value.js'
import { checkUpdate, settledNow } from './update.js'

/** @see SharedListContract */
export class SharedList<T = unknown> implements SharedListContract<T>, Shareable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #store: ItemStore
  readonly #exclusive: Exclusive
  readonly #outgoing: OutgoingValue

  private constructor(agent: Agent, block: Block) {
    this.#agent = agent
    this.#block = block
    this.#store = new ItemStore(agent, block)
    this.#exclusive = exclusiveOf(agent, block.views.i32, block.at)
    this.#outgoing = new OutgoingValue(agent)
  }

  static create<T>(agent: Agent, items?: Iterable<T> | null): SharedList<T> {
    const all = itemsOf(items)
    const block = agent.allocate(KindId.list, LIST_BYTES)
    const list = new SharedList<T>(agent, block)
    try {
      list.#insert(() => 0, all)
    } catch (error) {
      agent.dropped(block)
      throw error
    }
    agent.adopt(list, block)
    return list
  }

  get length(): number {
    return this.#inside(() => this.#store.length)
  }

  get(index: number): T | undefined {
    checkIndex(index)
    const taken = this.#inside(() => (index < this.#store.length ? this.#copy(this.#store.slot(index)) : undefined))
    return taken === undefined ? undefined : this.#decode(taken)
  }

  set(index: number, item: T): void {
    checkIndex(index)
    this.#agent.assertOpen()
    const slot = makeSlot(this.#agent, this.#outgoing, item, this)
    let spent = slot
    try {
      this.#inside(() => {
        this.#checkWithin(index, 'set()')
        spent = this.#store.replace(index, slot)
      })
    } finally {
      freeSlots(this.#agent, [spent])
    }
  }

  push(...items: T[]): number {
    return this.#insert(() => this.#store.length, items)
  }

  pop(): T | undefined {
    return this.#take(() => this.#store.length - 1)
  }

  insert(index: number, ...items: T[]): void {
    checkIndex(index)
    this.#insert(() => {
      if (index > this.#store.length) throw outside(index, this.#store.length, 'insert()')
      return index
    }, items)
  }

  delete(index: number): T {
    checkIndex(index)
    return this.#take(() => {
      this.#checkWithin(index, 'delete()')
      return index
    }) as T
  }

  update(index: number, fn: (item: T) => T): T {
    checkIndex(index)
    checkUpdate(fn)
    this.#agent.assertOpen()
    return this.#exclusive.update(() => {
      this.#inside(() => this.#checkWithin(index, 'update()'))
      const item = settledNow(fn(this.get(index) as T))
      this.set(index, item)
      return item
    })
  }

  slice(start?: number, end?: number): T[] {
    const copies = new Copies(this.#agent)
    const places: number[] = []
    const slots = this.#inside(() => {
      const { length } = this.#store
      const [from, to] = [indexFrom(start, length, 0), indexFrom(end, length, length)]
      const found: ItemSlot[] = []
      for (let n = from; n < to; n++) {
        const slot = this.#store.slot(n)
        found.push(slot)
        if (!isBlock(slot)) continue
        const { views, offset } = recordAt(this.#agent, slot)
        places.push(copies.addRecord(views.i32, offset / 4))
      }
      return found
    })
    const decoded = copies.decode(places)[Symbol.iterator]()
    return slots.map((slot) => (isBlock(slot) ? decoded.next().value : slot >> 1) as T)
  }

  clear(): void {
    const blocks = this.#inside(() => this.#store.clear())
    for (const one of blocks) this.#agent.heap.free(one)
  }

  values(): IterableIterator<T> {
    return this.slice()[Symbol.iterator]()
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.values()
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block)
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('SharedList', () => this.slice(), how)
  }

  /** @param where called under the lock */
  #insert(where: () => number, items: readonly T[]): number {
    this.#agent.assertOpen()
    const slots: ItemSlot[] = []
    try {
      // All are encoded before anyone can see one.
      for (const item of items) slots.push(this.#makeSlot(item, slots.length))
      return this.#inside(() => {
        this.#store.insert(where(), slots)
        return this.#store.length
      })
    } catch (error) {
      freeSlots(this.#agent, slots)
      throw error
    }
  }

  #makeSlot(item: T, n: number): ItemSlot {
    try {
      return makeSlot(this.#agent, this.#outgoing, item, this)
    } catch (error) {
      throw relocated(error, (path) => path.replace(/^item/, `items[${n}]`))
    }
  }

  /** @param where called under the lock; negative: there is nothing to take */
  #take(where: () => number): T | undefined {
    const taken = this.#inside(() => {
      const index = where()
      if (index < 0) return undefined
      const slot = this.#store.slot(index)
      // Before it is taken out: from here on this agent holds what is in it.
      const copy = this.#copy(slot)
      try {
        this.#store.take(index)
      } catch (error) {
        if (typeof copy !== 'number') forgetRecord(this.#agent, copy.i32, 0)
        throw error
      }
      return { slot, copy }
    })
    if (taken === undefined) return undefined
    freeSlots(this.#agent, [taken.slot])
    return this.#decode(taken.copy)
  }

  /** What is needed of an item once the lock is released. */
  #copy(slot: ItemSlot): Source | number {
    if (!isBlock(slot)) return slot >> 1
    const { views, offset } = recordAt(this.#agent, slot)
    return takeCopy(this.#agent, views.i32, offset / 4)
  }

  #decode(copy: Source | number): T {
    return (typeof copy === 'number' ? copy : decodeRecord(this.#agent, copy, 0)) as T
  }

  #checkWithin(index: number, what: string): void {
    if (index >= this.#store.length) throw outside(index, this.#store.length, what)
  }

  #inside<R>(act: () => R): R {
    this.#agent.assertOpen()
    return this.#exclusive.use(act)
  }

  static attach(agent: Agent, block: Block): SharedList {
    return new SharedList(agent, block)
  }
}

defineKind(KindId.list, {
  attach: (agent, block) => SharedList.attach(agent, block as Block),
  trace: (agent, address, found) => {
    const place = agent.space.at(address, LIST_BYTES)
    exclusiveOf(agent, place.views.i32, place.offset / 4).look(() => new ItemStore(agent, place).trace(found))
  },
  dispose: ItemStore.dispose,
})

/** Whatever its dead holder did is done or not: there is nothing to repair. */
function exclusiveOf(agent: Agent, words: Int32Array, at: number): Exclusive {
  return new Exclusive(agent, words, at, () => {})
}

/** @throws TypeError for what is no whole number from 0 */
function checkIndex(index: unknown): void {
  if (!Number.isSafeInteger(index) || (index as number) < 0)
    throw new TypeError(`an index must be a whole number from 0; got ${shown(index)}`)
}

function outside(index: number, length: number, what: string): RangeError {
  return new RangeError(`${what} at index ${index} of a SharedList of ${length} items`)
}

/** As Array.prototype.slice reads its arguments. */
function indexFrom(given: number | undefined, length: number, absent: number): number {
  if (given === undefined) return absent
  const index = Math.trunc(Number(given)) || 0
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length)
}

/** @throws TypeError for what is not iterable */
function itemsOf<T>(items: Iterable<T> | null | undefined): readonly T[] {
  if (items === undefined || items === null) return []
  if (typeof (items as Partial<Iterable<T>>)[Symbol.iterator] !== 'function' || typeof items === 'string')
    throw new TypeError(`a SharedList is made of an iterable of items; got ${shown(items)}`)
  return [...items]
}
