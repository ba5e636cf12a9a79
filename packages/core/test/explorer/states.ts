/**
 * The states met, as two hashes of 32 bits each: of a million states two are taken for one with a probability of 10^-7 (hash compaction, after Wolper and Leroy
 * 1993).
 */
export class Seen {
  #table = new Int32Array(2 ** 13)
  #size = 0

  /** @returns whether it is new */
  add(state: Int32Array): boolean {
    let a = 0x9e3779b9
    let b = 0x85ebca6b
    for (let n = 0; n < state.length; n++) {
      const word = state[n] as number
      a = Math.imul(a ^ word, 0x01000193) ^ (a >>> 15)
      b = Math.imul(b + word, 0x9e3779b1) ^ (b >>> 13)
    }
    a = mix(a ^ b)
    b = mix(b + Math.imul(a, 0x2c1b3c6d)) || 1
    if (this.#size * 4 > this.#table.length) this.#grow()
    return this.#insert(a, b)
  }

  #insert(a: number, b: number): boolean {
    const table = this.#table
    const mask = table.length - 1
    for (let at = (a << 1) & mask; ; at = (at + 2) & mask) {
      // The second word is never 0 in a place that is taken.
      if (table[at + 1] === 0) {
        table[at] = a
        table[at + 1] = b
        this.#size++
        return true
      }
      if (table[at] === a && table[at + 1] === b) return false
    }
  }

  #grow(): void {
    const old = this.#table
    this.#table = new Int32Array(old.length * 2)
    this.#size = 0
    for (let at = 0; at < old.length; at += 2) if (old[at + 1] !== 0) this.#insert(old[at] as number, old[at + 1] as number)
  }
}

/** The finalizer of MurmurHash3 (Austin Appleby). */
function mix(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** States to be visited, one behind the other in one array. */
export class Frontier {
  readonly #words: number
  #states: Int32Array
  readonly ids: number[] = []

  constructor(words: number) {
    this.#words = words
    this.#states = new Int32Array(words * 64)
  }

  get size(): number {
    return this.ids.length
  }

  push(state: Int32Array, id: number): void {
    const at = this.ids.push(id) - 1
    if ((at + 1) * this.#words > this.#states.length) {
      const larger = new Int32Array(this.#states.length * 2)
      larger.set(this.#states)
      this.#states = larger
    }
    // A loop, as in `copyTo`: for so few words a native copy costs more than it saves.
    const to = at * this.#words
    for (let n = 0; n < this.#words; n++) this.#states[to + n] = state[n] as number
  }

  copyTo(state: Int32Array, index: number): void {
    const from = index * this.#words
    for (let n = 0; n < this.#words; n++) state[n] = this.#states[from + n] as number
  }
}
