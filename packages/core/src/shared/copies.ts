import type { Agent } from '../agent.js'
import { copyRecord, copyWords, decodeRecord, forgetRecord, recordWords, type Source, sourceOf } from './stored-value.js'

/** Records and more as they were at one moment, in memory of this agent's own: copied under a lock, decoded after it was released. */
export class Copies {
  readonly #agent: Agent
  #source = sourceOf(1024)
  #words = 0

  constructor(agent: Agent) {
    this.#agent = agent
  }

  /** What was copied, by the words that `add` and `addRecord` gave. */
  get source(): Source {
    return this.#source
  }

  /** Copies a record; its handles are held from here on, and `decode` must be called for each. */
  addRecord(i32: Int32Array, at: number): number {
    const to = this.#reserve(recordWords(i32, at))
    copyRecord(this.#agent, i32, at, this.#source.i32, to)
    return to
  }

  add(i32: Int32Array, at: number, words: number): number {
    const to = this.#reserve(words)
    copyWords(i32, at, words, this.#source.i32, to)
    return to
  }

  /** The values of these records. */
  decode(records: readonly number[]): unknown[] {
    let done = 0
    try {
      return records.map((at) => {
        done++
        return decodeRecord(this.#agent, this.#source, at)
      })
    } catch (error) {
      for (const at of records.slice(done)) forgetRecord(this.#agent, this.#source.i32, at)
      throw error
    }
  }

  /** Records begin at multiples of 8 bytes. */
  #reserve(words: number): number {
    const at = this.#words
    this.#words = (at + words + 1) & ~1
    if (this.#words > this.#source.i32.length) {
      const larger = sourceOf(Math.max(this.#source.u8.length * 2, this.#words * 4))
      larger.i32.set(this.#source.i32.subarray(0, at))
      this.#source = larger
    }
    return at
  }
}
