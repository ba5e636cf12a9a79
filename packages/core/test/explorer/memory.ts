/** Words of the family's memory that the explorer has. */
export const WORDS = 48 * 1024

/**
 * All contents of memory that an exploration has met, each under a number. A content is the list of what differs from the beginning, as words that
 * were ever changed come into use; so the memory may be large and a state stays small.
 */
export class Memories {
  readonly #initial: Int32Array
  /** Place in a content of each word; 0: not changed so far. */
  readonly #places = new Int32Array(WORDS)
  readonly #wordsInPlace: number[] = [-1]
  readonly #contents: Int32Array[] = []
  readonly #ids = new Map<string, number>()
  /** Of each content, what known stores lead to: by place and change. */
  readonly #stores: Map<number, number>[] = []

  constructor(initial: Int32Array) {
    this.#initial = initial
    this.#intern(Int32Array.of(0))
  }

  load(id: number, at: number): number {
    const place = this.#places[at] as number
    const content = this.#contents[id] as Int32Array
    const initial = this.#initial[at]
    if (initial === undefined) throw new RangeError(`word ${at} lies outside the explored memory`)
    return place !== 0 && place < content.length ? initial ^ (content[place] as number) : initial
  }

  /** The content after a store. */
  store(id: number, at: number, value: number): number {
    const initial = this.#initial[at]
    if (initial === undefined) throw new RangeError(`word ${at} lies outside the explored memory`)
    const change = initial ^ value
    let place = this.#places[at] as number
    const content = this.#contents[id] as Int32Array
    if (place === 0) {
      if (change === 0) return id
      place = this.#wordsInPlace.push(at) - 1
      this.#places[at] = place
    }
    if ((content[place] ?? 0) === change) return id
    const known = this.#stores[id] as Map<number, number>
    const key = place * 2 ** 32 + (change >>> 0)
    let after = known.get(key)
    if (after === undefined) {
      after = this.#changed(content, place, change)
      known.set(key, after)
    }
    return after
  }

  #changed(content: Int32Array, place: number, change: number): number {
    const next = new Int32Array(Math.max(content.length, place + 1))
    next.set(content)
    next[place] = change
    return this.#intern(next)
  }

  /** What differs from the beginning. */
  describe(id: number): string {
    const changes: string[] = []
    const content = this.#contents[id] as Int32Array
    for (let place = 1; place < content.length; place++) {
      const at = this.#wordsInPlace[place] as number
      if (content[place] !== 0) changes.push(`${at}=${this.load(id, at)}`)
    }
    return changes.sort().join()
  }

  /** A copy of everything. */
  copy(id: number): Int32Array {
    const copy = this.#initial.slice()
    const content = this.#contents[id] as Int32Array
    for (let place = 1; place < content.length; place++) {
      const at = this.#wordsInPlace[place] as number
      copy[at] = (copy[at] as number) ^ (content[place] as number)
    }
    return copy
  }

  #intern(content: Int32Array): number {
    let length = content.length
    // Two contents that differ only in how many unchanged words they list are one.
    while (length > 1 && content[length - 1] === 0) length--
    const canonical = content.subarray(0, length)
    const key = Buffer.from(canonical.buffer, 0, length * 4).toString('latin1')
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.#contents.push(canonical.slice()) - 1
      this.#ids.set(key, id)
      this.#stores.push(new Map())
    }
    return id
  }
}

/** Values under numbers, equal ones under the same. */
export class Interned<T> {
  readonly #values: T[] = []
  readonly #ids = new Map<string, number>()
  readonly #key: (value: T) => string

  constructor(key: (value: T) => string) {
    this.#key = key
  }

  id(value: T): number {
    const key = this.#key(value)
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.#values.push(value) - 1
      this.#ids.set(key, id)
    }
    return id
  }

  value(id: number): T {
    return this.#values[id] as T
  }
}
