import type { Agent } from '../agent.js'
import type { Trace } from '../memory/kinds.js'
import type { Suspending, Waiter } from './suspend.js'
import { type Entry, Fate, WAIT_SET_WORDS, WaitSet } from './wait-set.js'

/**
 * Who has come to a Barrier, and what becomes of them. A generation is those who go on, or are refused, together.
 *
 * | word        | holds                                                                                                        |
 * |-------------|--------------------------------------------------------------------------------------------------------------|
 * | TOTAL       | how many parties make a generation                                                                             |
 * | STATE       | the phase (low two bits), how the generation before ended (`REFUSED`), and the number of this one               |
 * | ARRIVED (2) | how many have come: of an even generation, of an odd one. The next one's is cleared before it begins           |
 * | ACTOR       | tag of the agent that runs the action                                                                          |
 * | WAITERS     | a wait set, whose stamps are generations                                                                       |
 *
 * Every change is committed by one store of STATE; what each waiter is told follows from it (`#tell`), so that whoever comes after a death can go on telling.
 */
const TOTAL = 0
const STATE = 1
const ARRIVED = 2
const ACTOR = 4
const WAITERS = 5

const Phase = { filling: 0, acting: 1, broken: 2 } as const
const PHASE = 3
const REFUSED = 4
const GENERATION_SHIFT = 3

/** What arriving leads to. */
export type Arrival =
  /** Wait for the others; of which this is number `index`, or, where that is -1, for the generation that is being released, and arrive again. */
  | { readonly kind: 'waits'; readonly index: number; readonly generation: number; readonly entry: Entry }
  /** The last one: the others have been released, or `acts`: the action is to be run, and then `finish` called. */
  | { readonly kind: 'last'; readonly index: number; readonly acts: boolean; readonly generation: number }
  | { readonly kind: 'refused' }

export class Parties {
  static readonly WORDS = WAITERS + WAIT_SET_WORDS
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #at: number
  readonly #waiters: WaitSet

  /** @param address of the word at `at` */
  constructor(agent: Agent, words: Int32Array, at: number, address: number) {
    this.#agent = agent
    this.#words = words
    this.#at = at
    this.#waiters = new WaitSet(agent, words, at + WAITERS, address + WAITERS * 4, () => this.#mend())
  }

  /** Prepares fresh, zeroed words. */
  static format(words: Int32Array, at: number, total: number): void {
    words[at + TOTAL] = total
    WaitSet.format(words, at + WAITERS)
  }

  get total(): number {
    return this.#words[this.#at + TOTAL] as number
  }

  get isBroken(): boolean {
    return (this.#state & PHASE) === Phase.broken
  }

  /** How many have come and wait for the others. */
  get waiting(): number {
    switch (this.#state & PHASE) {
      case Phase.filling:
        return Atomics.load(this.#words, this.#arrivedAt(this.#state))
      case Phase.acting:
        return this.total
      default:
        return 0
    }
  }

  /** One more has come. @param hasAction whether the last one has something to do before the release */
  arrive(hasAction: boolean): Arrival {
    return this.#waiters.exclusively(() => {
      const words = this.#words
      const state = this.#state
      const generation = generationOf(state)
      switch (state & PHASE) {
        case Phase.broken:
          return { kind: 'refused' }
        case Phase.acting:
          return { kind: 'waits', index: -1, generation, entry: this.#waiters.add(generation) }
      }
      const arrivedAt = this.#arrivedAt(state)
      const index = words[arrivedAt] as number
      if (index + 1 < this.total) {
        const entry = this.#waiters.add(generation)
        // From here on it counts, even if it dies.
        Atomics.store(words, arrivedAt, index + 1)
        return { kind: 'waits', index, generation, entry }
      }
      if (hasAction) {
        words[this.#at + ACTOR] = this.#agent.tag
        this.#commit((state & ~PHASE) | Phase.acting)
      } else this.#next(0)
      return { kind: 'last', index, acts: hasAction, generation }
    })
  }

  /** Until it is released or refused, or time is up. */
  sleep(entry: Entry, waiter: Waiter): Suspending<void> {
    return this.#waiters.sleep(entry, waiter)
  }

  /** A waiter will sleep no more. If its fate is still open, it breaks the barrier. @returns whether it was released */
  leave(entry: Entry): boolean {
    const waiters = this.#waiters
    if (waiters.fate(entry) === Fate.waiting) {
      waiters.exclusively(() => {
        if (waiters.fate(entry) === Fate.waiting) this.#break()
      })
    }
    const released = waiters.fate(entry) === Fate.granted
    waiters.free(entry)
    return released
  }

  /** The action of a generation has been run. @returns whether that generation goes on; not, where it was refused meanwhile */
  finish(generation: number, succeeded: boolean): boolean {
    return this.#waiters.exclusively(() => {
      const state = this.#state
      if ((state & PHASE) !== Phase.acting || generationOf(state) !== generation) return false
      if (succeeded) this.#next(0)
      else this.#break()
      return succeeded
    })
  }

  /** Refuses all, and those to come. */
  abort(): void {
    this.#waiters.exclusively(() => this.#break())
  }

  /** Refuses those who wait, and begins anew. */
  reset(): void {
    this.#waiters.exclusively(() => this.#next(REFUSED))
  }

  /** An agent was buried. */
  mourn(): void {
    this.#waiters.mourn()
  }

  get #state(): number {
    return Atomics.load(this.#words, this.#at + STATE)
  }

  /** Index of the word that counts the arrivals of the generation that a state is of. */
  #arrivedAt(state: number): number {
    return this.#at + ARRIVED + (generationOf(state) & 1)
  }

  #break(): void {
    this.#commit((this.#state & ~PHASE) | Phase.broken)
  }

  /** Begins the next generation. @param refused `REFUSED` where this one does not go on */
  #next(refused: number): void {
    const state = ((generationOf(this.#state) + 1) << GENERATION_SHIFT) | refused | Phase.filling
    this.#words[this.#arrivedAt(state)] = 0
    this.#commit(state)
  }

  #commit(state: number): void {
    Atomics.store(this.#words, this.#at + STATE, state)
    this.#tell()
  }

  /** Tells everyone who waits what has become of its generation. There is none older than the last one: each change tells all before the next. */
  #tell(): void {
    const waiters = this.#waiters
    const state = this.#state
    for (const entry of waiters.entries()) {
      if (waiters.fate(entry) !== Fate.waiting) continue
      if (waiters.stamp(entry) !== generationOf(state)) waiters.tell(entry, state & REFUSED ? Fate.refused : Fate.granted)
      else if ((state & PHASE) === Phase.broken) waiters.tell(entry, Fate.refused)
    }
  }

  #mend(): void {
    const actor = this.#words[this.#at + ACTOR] as number
    if ((this.#state & PHASE) === Phase.acting && !this.#agent.isAlive(actor, false)) this.#break()
    this.#tell()
    for (const entry of this.#waiters.entries()) if (!this.#waiters.isAlive(entry, false)) this.#waiters.free(entry)
  }

  static trace(agent: Agent, address: number, found: Trace): void {
    WaitSet.trace(agent, address + WAITERS * 4, found)
  }

  static dispose(agent: Agent, address: number): void {
    WaitSet.dispose(agent, address + WAITERS * 4)
  }
}

function generationOf(state: number): number {
  return state >>> GENERATION_SHIFT
}
