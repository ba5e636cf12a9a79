import type { Agent } from '../agent.js'
import type { SharedMap as SharedMapContract } from '../contracts/shared-map.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { shown } from '../options.js'
import { relocated } from '../wire/relocated.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { makeEntry } from './entry.js'
import { Exclusive } from './exclusive.js'
import { HASH_TABLE_BYTES, HashTable } from './hash-table.js'
import { checkKey, Probe, readKey } from './key.js'
import { decodeRecord, OutgoingValue, takeCopy } from './stored-value.js'
import { checkUpdate, settledNow } from './update.js'

/** @see SharedMapContract */
export class SharedMap<K extends string | number = string, V = unknown> implements SharedMapContract<K, V>, Shareable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #table: HashTable
  readonly #exclusive: Exclusive
  readonly #probe = new Probe()
  readonly #outgoing: OutgoingValue

  private constructor(agent: Agent, block: Block) {
    this.#agent = agent
    this.#block = block
    this.#table = new HashTable(agent, block)
    this.#exclusive = new Exclusive(agent, block.views.i32, block.at, () => this.#table.repair())
    this.#outgoing = new OutgoingValue(agent)
  }

  static create<K extends string | number, V>(agent: Agent, entries?: Iterable<readonly [K, V]> | null): SharedMap<K, V> {
    const all = entriesOf(entries)
    const block = agent.allocate(KindId.map, HASH_TABLE_BYTES)
    HashTable.format(block, Math.random() * 2 ** 32)
    const map = new SharedMap<K, V>(agent, block)
    all.forEach(([key, value], n) => {
      try {
        map.set(key, value)
      } catch (error) {
        agent.dropped(block)
        throw relocated(error, (path) => path.replace(/^value/, `entries[${n}][1]`))
      }
    })
    agent.adopt(map, block)
    return map
  }

  get size(): number {
    return this.#inside(() => this.#table.size)
  }

  get(key: K): V | undefined {
    this.#agent.assertOpen()
    checkKey(key)
    const copy = this.#inside(() => {
      const found = this.#table.find(this.#probe.prepare(key, this.#table.seed))
      return found && takeCopy(this.#agent, found.views.i32, found.offset / 4)
    })
    return copy === undefined ? undefined : (decodeRecord(this.#agent, copy, 0) as V)
  }

  has(key: K): boolean {
    this.#agent.assertOpen()
    checkKey(key)
    return this.#inside(() => this.#table.find(this.#probe.prepare(key, this.#table.seed)) !== undefined)
  }

  set(key: K, value: V): this {
    this.#agent.assertOpen()
    checkKey(key)
    const entry = this.#make(key, value)
    this.#free(this.#inside(() => this.#put(key, entry)))
    return this
  }

  delete(key: K): boolean {
    this.#agent.assertOpen()
    checkKey(key)
    const old = this.#inside(() => this.#table.take(this.#probe.prepare(key, this.#table.seed)))
    this.#free(old)
    return old !== 0
  }

  update(key: K, fn: (value: V | undefined) => V): V {
    this.#agent.assertOpen()
    checkKey(key)
    checkUpdate(fn)
    return this.#exclusive.update(() => {
      const value = settledNow(fn(this.get(key)))
      this.set(key, value)
      return value
    })
  }

  clear(): void {
    this.#agent.assertOpen()
    const blocks = this.#inside(() => this.#table.clear())
    for (const one of blocks) this.#agent.heap.free(one)
  }

  keys(): IterableIterator<K> {
    return this.#keys(false).keys[Symbol.iterator]()
  }

  values(): IterableIterator<V> {
    return this.#keys(true).values[Symbol.iterator]()
  }

  entries(): IterableIterator<[K, V]> {
    const { keys, values } = this.#keys(true)
    return keys.map((key, n): [K, V] => [key, values[n] as V])[Symbol.iterator]()
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries()
  }

  forEach(fn: (value: V, key: K, map: SharedMapContract<K, V>) => void): void {
    if (typeof fn !== 'function') throw new TypeError(`forEach() takes a function; got ${shown(fn)}`)
    for (const [key, value] of this.entries()) fn(value, key, this)
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block)
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('SharedMap', () => new Map(this), how)
  }

  /** All keys, and with `withValues` their values, as they are at one moment. */
  #keys(withValues: boolean): { readonly keys: K[]; readonly values: V[] } {
    this.#agent.assertOpen()
    const { copies, entries } = this.#inside(() => this.#table.copy(withValues))
    const keys = entries.map(({ key }) => readKey(copies.source, key) as K)
    const values = withValues ? (copies.decode(entries.map(({ record }) => record)) as V[]) : []
    return { keys, values }
  }

  /** The block of a new entry. */
  #make(key: K, value: V): number {
    // First: a getter of the value may use this very map, and its probe.
    this.#outgoing.prepare(value, 'value')
    // The collector looks only into what is known to it: what has travelled, or might.
    if (this.#outgoing.hasHandles) this[SHARE]()
    return makeEntry(this.#agent, this.#probe.prepare(key, this.#table.seed), this.#outgoing)
  }

  #put(key: K, entry: number): number {
    try {
      return this.#table.put(this.#probe.prepare(key, this.#table.seed), entry)
    } catch (error) {
      this.#agent.heap.free(entry)
      throw error
    }
  }

  #free(address: number): void {
    if (address !== 0) this.#agent.heap.free(address)
  }

  #inside<T>(act: () => T): T {
    this.#agent.assertOpen()
    return this.#exclusive.use(act)
  }

  static attach(agent: Agent, block: Block): SharedMap {
    return new SharedMap(agent, block)
  }
}

defineKind(KindId.map, {
  attach: (agent, block) => SharedMap.attach(agent, block as Block),
  trace: (agent, address, found) => {
    const place = agent.space.at(address, HASH_TABLE_BYTES)
    const table = new HashTable(agent, place)
    new Exclusive(agent, place.views.i32, place.offset / 4, () => table.repair()).look(() => table.trace(found))
  },
  dispose: HashTable.dispose,
})

/** @throws TypeError for what is not iterable, or yields anything but pairs */
function entriesOf<K, V>(entries: Iterable<readonly [K, V]> | null | undefined): (readonly [K, V])[] {
  if (entries === undefined || entries === null) return []
  if (typeof (entries as Partial<Iterable<unknown>>)[Symbol.iterator] !== 'function' || typeof entries === 'string')
    throw new TypeError(`a SharedMap is made of an iterable of [key, value] pairs; got ${shown(entries)}`)
  const all = [...entries]
  for (const entry of all) {
    if (typeof entry !== 'object' || entry === null)
      throw new TypeError(`a SharedMap is made of [key, value] pairs; got ${shown(entry)} among them`)
    checkKey(entry[0])
  }
  return all
}
