import { StateError } from '../errors.js'
import { FAMILY_MUTEX_AT, MAX_AGENTS, NEXT_SLOT_AT, SLOT_WORDS, SLOTS_AT, SLOTS_USED_AT } from '../memory/layout.js'
import type { Space } from '../memory/space.js'
import { Bell, raise } from '../sync/bell.js'
import { lockNow } from '../sync/lock-now.js'
import { unlock } from '../sync/mutex.js'
import type { SyncPort } from '../sync/port.js'
import { ALL, wake } from '../sync/waitlist.js'

/**
 * Who is alive: a table in shared memory with a slot for each agent of the family. An agent is named by its *tag*, slot + generation × 1024, so that
 * a slot used again never passes for its former holder; locks hold tags.
 */

/** Words of a slot. */
export const Slot = {
  /** The agent's tag; 0: the slot is free. Stored last by `claim`, cleared first by `release`. */
  tag: 0,
  /** 1 once the exit code below is final. */
  ended: 1,
  exitCode: 2,
  /** Two words: `Memory.announce`. */
  life: 3,
  /** Four words: `Memory.openDoorbell`. */
  bell: 5,
  /** Packed address of the agent's holds: `Ledger`. */
  holds: 9,
  parent: 10,
  /** Waitlist (2 words) of those who wait for its end. */
  endWaitlist: 11,
  pid: 13,
  /** Index, in all memory, of the first word of the waitlist that it sleeps on: `Agent.park`; 0: none. */
  parkedAt: 14,
  /** Packed address of the error that ended it: `last-words.ts`. */
  error: 15,
  generation: 16,
  /** How far a child has come: `Stage`. */
  stage: 17,
  /** As `parkedAt`, of the waitlist that it is about to wake: `Agent.noteWake`. */
  wakingAt: 18,
  /** 64 bytes of UTF-8, zero-padded. */
  name: 19,
} as const

const BELL_WORDS = 4
/** In the place of a life: there will be none. */
const CALLED_OFF = -1
const GENERATIONS = 2 ** 20
const NAME_BYTES = 64

/** How far a child has come. `doomed`: it is about to be killed and must take no more work; `initializing`: in an engine's worker, for a pool that it has come to know. */
export const Stage = { starting: 0, ready: 1, failed: 2, doomed: 3, initializing: 4 } as const

export class Family {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #space: Space

  constructor(space: Space) {
    this.#space = space
    const { views } = space.at(0, (SLOTS_AT + MAX_AGENTS * SLOT_WORDS) * 4)
    this.#words = views.i32
    this.#bytes = views.u8
  }

  get words(): Int32Array {
    return this.#words
  }

  /** One more than the highest slot ever used. */
  get size(): number {
    return this.#words[SLOTS_USED_AT] as number
  }

  /**
   * A slot for a new agent.
   * @param port whoever claims; `undefined` for the family's first agent, when there is nobody to exclude
   * @returns its tag
   * @throws StateError when the family is full
   */
  claim(port: SyncPort | undefined, parent: number, name: string): number {
    const words = this.#words
    if (port) lockNow(port, words, FAMILY_MUTEX_AT)
    try {
      const first = words[NEXT_SLOT_AT] as number
      for (let n = 0; n < MAX_AGENTS; n++) {
        const slot = (first + n) % MAX_AGENTS
        const at = SLOTS_AT + slot * SLOT_WORDS
        if (words[at + Slot.tag] !== 0) continue
        const generation = ((words[at + Slot.generation] as number) % (GENERATIONS - 1)) + 1
        words.fill(0, at, at + SLOT_WORDS)
        words[at + Slot.generation] = generation
        words[at + Slot.parent] = parent
        this.#writeName(at, name)
        words[NEXT_SLOT_AT] = (slot + 1) % MAX_AGENTS
        words[SLOTS_USED_AT] = Math.max(words[SLOTS_USED_AT] as number, slot + 1)
        const tag = generation * MAX_AGENTS + slot
        Atomics.store(words, at + Slot.tag, tag)
        return tag
      }
    } finally {
      if (port) unlock(port, words, FAMILY_MUTEX_AT)
    }
    throw new StateError(`the family has ${MAX_AGENTS} agents already; wait for some of them to end`)
  }

  /** Index of the first word of a tag's slot, whoever has it now. */
  at(tag: number): number {
    return SLOTS_AT + (tag % MAX_AGENTS) * SLOT_WORDS
  }

  /** Whether the tag's agent still has its slot. */
  has(tag: number): boolean {
    return Atomics.load(this.#words, this.at(tag) + Slot.tag) === tag
  }

  /** Every agent in the table. */
  tags(): number[] {
    const found: number[] = []
    const used = this.#words[SLOTS_USED_AT] as number
    for (let slot = 0; slot < used; slot++) {
      const tag = Atomics.load(this.#words, SLOTS_AT + slot * SLOT_WORDS + Slot.tag)
      if (tag !== 0) found.push(tag)
    }
    return found
  }

  /** Whether an agent with this tag has not ended. `thorough`: ask the platform too. */
  isAlive(tag: number, thorough: boolean): boolean {
    if (!this.has(tag)) return false
    if (!thorough) return true
    const at = this.at(tag)
    const first = Atomics.load(this.#words, at + Slot.life)
    // It has not come to announce itself: its starter answers for it.
    if (first === 0) return true
    return this.#space.memory.isAlive(first, Atomics.load(this.#words, at + Slot.life + 1)) ?? this.has(tag)
  }

  /** Whether any agent whose bell has this number has not ended. The platform is asked, too. */
  livesBehind(bell: number): boolean {
    const used = this.size
    for (let slot = bell; slot < used; slot += 32) {
      const tag = Atomics.load(this.#words, SLOTS_AT + slot * SLOT_WORDS + Slot.tag)
      if (tag !== 0 && this.isAlive(tag, true)) return true
    }
    return false
  }

  /** The tag claimed for the agent with this pid, which has not announced itself yet; 0: there is none. */
  expected(pid: number): number {
    for (const tag of this.tags()) {
      const at = this.at(tag)
      if (this.#words[at + Slot.pid] === pid && Atomics.load(this.#words, at + Slot.life) === 0) return tag
    }
    return 0
  }

  /** Makes an agent's life visible; its own first act. `false`: it was called off before, and must do nothing at all. */
  announce(tag: number, pid: number): boolean {
    const at = this.at(tag)
    const [first, second] = this.#space.memory.announce()
    this.#words[at + Slot.pid] = pid
    Atomics.store(this.#words, at + Slot.life + 1, second)
    return Atomics.compareExchange(this.#words, at + Slot.life, 0, first) === 0
  }

  /** Keeps an agent that has not announced itself from ever doing so. `false`: it has. */
  callOff(tag: number): boolean {
    return Atomics.compareExchange(this.#words, this.at(tag) + Slot.life, 0, CALLED_OFF) === 0
  }

  /** Whether it was killed before it had announced itself. */
  wasCalledOff(tag: number): boolean {
    return Atomics.load(this.#words, this.at(tag) + Slot.life) === CALLED_OFF
  }

  /** Records how an agent ended and wakes who waits for it. The first word counts. */
  markEnded(port: SyncPort, tag: number, exitCode: number): void {
    const at = this.at(tag)
    if (!this.has(tag) || Atomics.load(this.#words, at + Slot.ended) !== 0) return
    Atomics.store(this.#words, at + Slot.exitCode, exitCode)
    Atomics.store(this.#words, at + Slot.ended, 1)
    wake(port, this.#words, at + Slot.endWaitlist, ALL)
  }

  /** Frees the slot of an agent that has really ended, and those of descendants that ended with it. From here on its locks are a dead holder's. */
  release(port: SyncPort, tag: number): void {
    for (const other of this.tags()) {
      if (other !== tag && this.#words[this.at(other) + Slot.parent] === tag) this.release(port, other)
    }
    const at = this.at(tag)
    if (!this.has(tag)) return
    // While its slot still holds what it used in place: its objects cannot be collected before.
    for (const word of [Slot.parkedAt, Slot.wakingAt]) {
      const waitlist = Atomics.load(this.#words, at + word)
      if (waitlist !== 0) this.#passOn(port, waitlist)
    }
    // What its memory said of how to reach it is nobody's now; before the slot can be another's.
    for (let n = 0; n < BELL_WORDS; n++) Atomics.store(this.#words, at + Slot.bell + n, 0)
    Atomics.compareExchange(this.#words, at + Slot.tag, tag, 0)
    wake(port, this.#words, at + Slot.endWaitlist, ALL)
    port.ringAgain()
  }

  /**
   * Wakes everybody where a dead agent slept, for it may have taken a wake-up and not used it; and where it was about to wake others, for it may have died in the
   * middle of that, with the gate disarmed or the bells taken down. So nothing in the waitlist is relied on: all sleepers, all bells.
   */
  #passOn(port: SyncPort, waitlist: number): void {
    const { views, offset } = this.#space.at((waitlist >>> 0) * 4, 8)
    Atomics.add(views.i32, offset / 4, 2)
    port.notify(views.i32, offset / 4, ALL)
    port.ring(-1)
  }

  /** Rings everyone whose bit is set in `bells`. `ringOne` wakes an event loop. */
  ring(port: SyncPort, bells: number, ringOne: (words: Int32Array, index: number) => void): void {
    const used = this.#words[SLOTS_USED_AT] as number
    for (; bells !== 0; bells &= bells - 1) {
      const bit = 31 - Math.clz32(bells & -bells)
      for (let slot = bit; slot < used; slot += 32) {
        const at = SLOTS_AT + slot * SLOT_WORDS
        if (Atomics.load(this.#words, at + Slot.tag) === 0) continue
        // A bell that rings already is lowered, and answered, after this change.
        if (raise(port, this.#words, at + Slot.bell)) ringOne(this.#words, at + Slot.bell)
      }
    }
  }

  /** Rings everyone whose bell is up. Once too often costs them a look; not at all, and they would sleep on: a bell that is up is not rung by others. */
  ringAgain(port: SyncPort, ringOne: (words: Int32Array, index: number) => void): void {
    for (const tag of this.tags()) {
      const bell = this.at(tag) + Slot.bell
      if (Atomics.load(this.#words, bell) !== Bell.up) continue
      port.notify(this.#words, bell, ALL)
      ringOne(this.#words, bell)
    }
  }

  /** The name of an agent, also after its end while its slot was not used again. */
  nameOf(tag: number): string | undefined {
    const at = this.at(tag)
    if (this.#words[at + Slot.generation] !== Math.floor(tag / MAX_AGENTS)) return undefined
    const bytes = Buffer.from(this.#bytes.slice((at + Slot.name) * 4, (at + Slot.name) * 4 + NAME_BYTES))
    const end = bytes.indexOf(0)
    return bytes.toString('utf8', 0, end < 0 ? NAME_BYTES : end)
  }

  #writeName(at: number, name: string): void {
    const bytes = Buffer.from(name).subarray(0, NAME_BYTES)
    this.#bytes.set(bytes, (at + Slot.name) * 4)
  }
}
