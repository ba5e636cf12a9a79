import type { Agent } from '../../src/agent.js'
import type { Memory } from '../../src/backend.js'
import type { Block } from '../../src/memory/block.js'
import type { Space } from '../../src/memory/space.js'
import type { Family } from '../../src/process/family.js'
import type { Queue } from '../../src/queue/queue.js'
import type { AsyncWaiters } from '../../src/sync/async-waiters.js'
import type { Event } from '../../src/sync/event.js'
import type { Lock } from '../../src/sync/lock.js'
import type { Semaphore } from '../../src/sync/semaphore.js'
import type { Handle } from '../../src/wire/shareable.js'
import type { Compiled } from './compile.js'
import { EventLoop, type Signal } from './event-loop.js'
import { PATIENCE_MS } from './operation.js'

/** What an agent of the explored family does. Must depend on nothing but the results of its operations. */
export type Program = (actor: Actor) => void

/**
 * One agent, as its program and the code under test know it: production's Agent without the heap and the codec, which are the explorer's (`allocate`, `free` and `own`
 * are single steps, and a message is one word of content).
 */
export class Actor {
  readonly #compiled: Compiled
  readonly #agent: AgentLike
  /** Whether it has used its event loop, and so has one to run. */
  #async = false

  constructor(compiled: Compiled, tag: number) {
    this.#compiled = compiled
    const { platform } = compiled
    platform.loop = new EventLoop(platform.recorder)
    this.#agent = new AgentLike(compiled, tag)
    platform.loop.waits = () => (this.#async ? this.#agent.waiters.pending : 0)
  }

  /** Turns of the event loop that `later` asked for. */
  #later = 0

  /** Runs a program, and then its event loop for as long as anything async is pending. */
  run(program: Program): void {
    program(this)
    if (this.#async) this.#compiled.platform.loop.run(() => this.#agent.waiters.pending === 0 && this.#later === 0)
  }

  /** As the code under test takes it. */
  get agent(): Agent {
    return this.#agent as unknown as Agent
  }

  get subject(): Compiled['subject'] {
    return this.#compiled.subject
  }

  get words(): Int32Array {
    return this.#compiled.platform.views.i32
  }

  /** Where the async part of a program begins. */
  get waiters(): AsyncWaiters {
    this.#async = true
    return this.#agent.waiters
  }

  lock(at: number, steals = false): Lock {
    return this.subject.Lock.attach(this.agent, this.block(at), { data: [steals ? 1 : 0] } as unknown as Handle)
  }

  /** @param bound how many permits it may have; default: any number */
  semaphore(at: number, bound?: number): Semaphore {
    const data = bound === undefined ? [] : [bound]
    return this.subject.Semaphore.attach(this.agent, this.block(at), { data } as unknown as Handle)
  }

  event(at: number): Event {
    return this.subject.Event.attach(this.agent, this.block(at))
  }

  queue(at: number): Queue<number | Message> {
    return this.subject.Queue.attach(this.agent, this.block(at)) as Queue<number | Message>
  }

  /** A block at this word, whatever its kind. */
  block(at: number): Block {
    return new this.subject.Block(0, at * 4, 0, this.#compiled.platform.views, at * 4)
  }

  load(at: number): number {
    return this.#compiled.platform.recorder.perform({ do: 'load', at })
  }

  store(at: number, value: number): void {
    this.#compiled.platform.recorder.perform({ do: 'store', at, value })
  }

  add(at: number, value: number): number {
    return this.#compiled.platform.recorder.perform({ do: 'add', at, value })
  }

  compareExchange(at: number, expected: number, value: number): number {
    return this.#compiled.platform.recorder.perform({ do: 'compareExchange', at, expected, value })
  }

  /** Tells the monitor. */
  note(event: string, value = 0): void {
    this.#compiled.platform.recorder.perform({ do: 'note', event, value })
  }

  /** Says that what the agent does from here on depends only on `key`, of all that it has done since its program began. */
  cut(...key: readonly unknown[]): void {
    this.#compiled.platform.cut(0, ...key)
  }

  /** The options of an operation that may run out of time. It begins now. */
  timed(): { timeout: number } {
    const { recorder } = this.#compiled.platform
    recorder.deadline = recorder.clock + PATIENCE_MS
    return { timeout: PATIENCE_MS }
  }

  /** The operation begun with `timed` is over. */
  untimed(): void {
    this.#compiled.platform.recorder.deadline = Number.POSITIVE_INFINITY
  }

  /** A signal that may abort at any turn of this agent's event loop. */
  signal(): AbortSignal {
    return this.#compiled.platform.loop.signal() as Signal as unknown as AbortSignal
  }

  /** At a later turn of this agent's event loop. */
  later(task: () => void): void {
    this.#later++
    this.#compiled.platform.loop.setImmediate(() => {
      this.#later--
      task()
    })
  }
}

/** What travels in a message that is too large for the word beside its header: one word, said to be of `bytes` bytes. */
export interface Message {
  readonly value: number
  readonly bytes: number
}

/** The explorer's stand-in for production's Agent. What SyncPort and `noteWake` do is as there. */
class AgentLike {
  readonly #compiled: Compiled
  readonly family: Family
  readonly spins = 0
  readonly bell: number
  readonly slotAt: number
  readonly memory: Pick<Memory, 'isAlive'>
  readonly space: Space
  readonly heap
  readonly ledger = { touch() {}, hold() {} }
  readonly encoder = new OneWordEncoder()
  readonly decoder = { decode: (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) }
  readonly closed = false
  readonly #slots: Int32Array
  #waiters: AsyncWaiters | undefined

  constructor(
    compiled: Compiled,
    readonly tag: number,
  ) {
    this.#compiled = compiled
    const { platform, subject } = compiled
    const perform = platform.recorder.perform.bind(platform.recorder)
    this.memory = { isAlive: (agent) => perform({ do: 'alive', agent }) === 1 }
    this.space = {
      memory: this.memory,
      at: (address: number) => ({ views: platform.views, offset: address }),
      addressOf: (_: unknown, index: number) => index * 4,
    } as unknown as Space
    this.heap = {
      allocate: (bytes: number) => perform({ do: 'allocate', bytes }),
      free: (address: number) => void perform({ do: 'free', address }),
      setOwner: (address: number, owner: number) => void perform({ do: 'own', address, owner }),
    }
    this.family = new subject.Family(this.space)
    this.#slots = this.family.words
    this.slotAt = this.family.at(tag)
    this.bell = 1 << (tag & 31)
  }

  /** Opened on first use: an agent that never waits asynchronously has no need to listen. */
  get waiters(): AsyncWaiters {
    const { subject, platform } = this.#compiled
    const { openDoorbell } = subject.SabMemory.prototype
    this.#waiters ??= new subject.AsyncWaiters(
      (onRing) => openDoorbell(platform.views.i32, this.slotAt + subject.Slot.bell, onRing),
      () => this.now(),
    )
    return this.#waiters
  }

  get sharesBell(): boolean {
    return this.family.size > 32 || (this.#waiters?.pending ?? 0) > 0
  }

  now(): number {
    return this.#compiled.platform.recorder.clock
  }

  wait(_: Int32Array, index: number, value: number, ms: number): unknown {
    return this.#compiled.platform.wait(index, value, ms)
  }

  sleepUntilRung(ms: number): void {
    this.#compiled.subject.sleepUntilRung(this, this.#slots, this.slotAt + this.#compiled.subject.Slot.bell, ms)
  }

  park(_: Int32Array, index: number): void {
    this.#slots[this.slotAt + this.#compiled.subject.Slot.parkedAt] = index
  }

  unpark(): void {
    this.#slots[this.slotAt + this.#compiled.subject.Slot.parkedAt] = 0
  }

  noteWake(word: number): void {
    this.#slots[this.slotAt + this.#compiled.subject.Slot.wakingAt] = word
  }

  notify(_: Int32Array, at: number, count: number): number {
    return this.#compiled.platform.recorder.perform({ do: 'notify', at, count })
  }

  ring(bells: number): void {
    const { platform, subject } = this.#compiled
    const { recorder } = platform
    const mark = recorder.mark()
    this.family.ring(this, bells, subject.SabMemory.prototype.ring)
    recorder.cut(mark, 'ring')
  }

  ringAgain(): void {
    this.family.ringAgain(this, this.#compiled.subject.SabMemory.prototype.ring)
  }

  isAlive(tag: number, thorough: boolean): boolean {
    return tag === this.tag || this.family.isAlive(tag, thorough)
  }

  livesBehind(bell: number): boolean {
    return this.family.livesBehind(bell)
  }

  assertOpen(): void {}
  assertMayBlock(): void {}
  adopt(): void {}
  forget(): void {}
}

/** Encodes a {@link Message}. */
class OneWordEncoder {
  #message: Message = { value: 0, bytes: 4 }
  readonly handles: readonly number[] = []

  encode(message: Message): void {
    this.#message = message
  }

  get size(): number {
    return this.#message.bytes
  }

  copyTo(target: Uint8Array, offset: number): void {
    target.set(this.toBytes(), offset)
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setInt32(0, this.#message.value, true)
    return bytes
  }
}
