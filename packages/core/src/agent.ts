import { AsyncResource } from 'node:async_hooks'
import type { Backend, Memory } from './backend.js'
import { ClosedError, NotCloneableError, NotSupportedError, ResourceError } from './errors.js'
import { Block } from './memory/block.js'
import { collect } from './memory/collector.js'
import { Heap } from './memory/heap.js'
import { kindOf } from './memory/kinds.js'
import { Entry, Ledger } from './memory/ledger.js'
import { Space, unpack } from './memory/space.js'
import type { Crew } from './pool/crew.js'
import type { Pool } from './pool/pool.js'
import { Family, Slot } from './process/family.js'
import type { Offspring } from './process/offspring.js'
import type { Process } from './process/process.js'
import { AsyncWaiters } from './sync/async-waiters.js'
import { sleepUntilRung } from './sync/bell.js'
import type { SyncPort } from './sync/port.js'
import { SPINS } from './sync/spin.js'
import { Decoder } from './wire/decoder.js'
import { Encoder } from './wire/encoder.js'
import { type Handle, type HandlePort, SHARE, type Shareable } from './wire/shareable.js'

/** ms between two looks at the lives of children, while the event loop cannot tell of their ends. More than a lock's tick: no lock's wait is disturbed. */
const LOOK_MS = 100

/** ms after which even a little that was given up is collected. */
const IDLE_COLLECTION_MS = 500

/** No flow of the program's: what lasts as long as the agent is made in it, or it would keep for ever all that belongs to the flow in which it was first needed. */
const NO_FLOW = new AsyncResource('multiproc')

/** A handle as this family's objects give it: it remembers whose it is. */
export interface AgentHandle extends Handle {
  readonly agent: Agent
}

/**
 * One participant of a family, as seen from within it: its memory, its place among the others, and the means to wait. A thread or process is one agent of
 * the family that started it, and the first agent of any that it creates itself.
 */
export class Agent implements SyncPort, HandlePort {
  readonly space: Space
  readonly family: Family
  readonly heap: Heap
  readonly ledger: Ledger
  readonly encoder: Encoder
  readonly decoder: Decoder
  readonly spins = SPINS
  readonly bell: number
  /** Index of this agent's slot in the family's words. */
  readonly slotAt: number
  /** Children that have not been buried. */
  readonly children = new Set<Offspring>()
  /** Of these, the Processes that run, in the order in which they were started. */
  readonly processes = new Set<Process>()
  /** Pools whose workers have not all ended. */
  readonly pools = new Set<Pool>()
  /** Of the engines that have living workers among its children. */
  readonly crews = new Set<Crew>()
  /** For the next Process's name. */
  processesMade = 0
  /** When to look after the children of a blocked agent again. */
  #nextLook = 0
  #closed = false
  /** Not once it is closed. */
  #mayBlock: boolean
  readonly #slots: Int32Array
  #waiters: AsyncWaiters | undefined
  readonly #attached = new Map<number, Attachment>()
  #collectionDue = false
  #nextCollection = 0
  /** Of the collection that is due, where it must not begin yet; and of the one when nothing has happened for a while. */
  #dueTimer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined

  private constructor(
    readonly backend: Backend,
    readonly memory: Memory,
    readonly tag: number,
    space: Space,
    family: Family,
  ) {
    this.space = space
    this.family = family
    this.#slots = family.words
    this.#mayBlock = backend.capabilities.sync
    this.slotAt = family.at(tag)
    this.bell = 1 << (tag & 31)
    this.heap = new Heap(this, space)
    this.ledger = new Ledger(this, space, this.heap, family)
    this.encoder = new Encoder(this)
    this.decoder = new Decoder(this)
  }

  /** The first agent of a new family. */
  static first(backend: Backend, name: string, pid: number): Agent {
    const memory = backend.createMemory()
    if (!memory.grow(2 ** 21)) throw new ResourceError('no memory for a family of agents: the system refused the first 2 MiB')
    const space = new Space(memory)
    Heap.format(space)
    const family = new Family(space)
    const tag = family.claim(undefined, 0, name)
    family.announce(tag, pid)
    return new Agent(backend, memory, tag, space, family)
  }

  /** An agent that another one started, which claimed `tag` for it. */
  static started(backend: Backend, memory: Memory, tag: number, pid: number): Agent {
    const space = new Space(memory)
    const family = new Family(space)
    // Killed before it came to life: its end is on the way.
    if (!family.announce(tag, pid)) process.exit(1)
    return new Agent(backend, memory, tag, space, family)
  }

  /** Made on first use: an agent that never waits asynchronously needs no doorbell. */
  get waiters(): AsyncWaiters {
    this.#waiters ??= NO_FLOW.runInAsyncScope(
      () =>
        new AsyncWaiters(
          (onRing) => this.memory.openDoorbell(this.#slots, this.slotAt + Slot.bell, onRing),
          () => this.now(),
        ),
    )
    return this.#waiters
  }

  /** How many async waits are pending. */
  get waits(): number {
    return this.#waiters?.pending ?? 0
  }

  // SyncPort

  get sharesBell(): boolean {
    return this.family.size > 32 || this.waits > 0
  }

  now(): number {
    return performance.now()
  }

  wait(words: Int32Array, index: number, value: number, ms: number): unknown {
    if (this.children.size === 0) return this.memory.wait(words, index, value, ms)
    const deadline = this.now() + ms
    for (let left = ms; ; left = deadline - this.now()) {
      const outcome = this.memory.wait(words, index, value, Math.min(left, LOOK_MS))
      if (outcome !== 'timed-out') return outcome
      this.#lookAtChildren()
      // By the clock: a slice takes longer than it was to, and a long wait has many.
      if (left <= LOOK_MS || this.now() >= deadline) return outcome
    }
  }

  /**
   * What the event loop would do, for whoever blocks it. A child that died may have taken the very wake-up that somebody waits for, which is passed on at its burial;
   * or one that lives may wait for this agent to read what it prints. At most once in {@link LOOK_MS}, however short the waits are.
   */
  #lookAtChildren(): void {
    const now = this.now()
    if (now < this.#nextLook) return
    for (const child of [...this.children]) child.look()
    this.#nextLook = this.now() + LOOK_MS
  }

  sleepUntilRung(ms: number): void {
    sleepUntilRung(this, this.#slots, this.slotAt + Slot.bell, ms)
  }

  park(words: Int32Array, index: number): void {
    this.#slots[this.slotAt + Slot.parkedAt] = (this.space.addressOf(words, index) / 4) | 0
  }

  unpark(): void {
    this.#slots[this.slotAt + Slot.parkedAt] = 0
  }

  /**
   * Notes the waitlist that this agent is about to wake, from before the change that others wait for until they are woken: should it die in between, whoever buries
   * it wakes them.
   * @param word index of the waitlist's first word in all memory; 0: none
   */
  noteWake(word: number): void {
    this.#slots[this.slotAt + Slot.wakingAt] = word
  }

  notify(words: Int32Array, index: number, count: number): number {
    return this.memory.notify(words, index, count)
  }

  ring(bells: number): void {
    this.family.ring(this, bells, (words, index) => this.memory.ring(words, index))
  }

  ringAgain(): void {
    this.family.ringAgain(this, (words, index) => this.memory.ring(words, index))
  }

  isAlive(tag: number, thorough: boolean): boolean {
    return tag === this.tag || this.family.isAlive(tag, thorough)
  }

  livesBehind(bell: number): boolean {
    return this.family.livesBehind(bell)
  }

  // Lifetimes

  /**
   * Memory for a new shared object. The block lives until `object` (see {@link adopt}) is garbage here, or, once it has travelled, everywhere.
   * @throws ClosedError after the context was closed
   */
  allocate(kind: number, bytes: number): Block {
    this.assertOpen()
    const address = this.#allocate(bytes)
    const { views, offset } = this.space.at(address, bytes)
    return new Block(kind, address, bytes, views, offset)
  }

  #allocate(bytes: number): number {
    try {
      return this.heap.allocate(bytes, true)
    } catch (error) {
      // What is full may be full of garbage.
      if (!(error instanceof ResourceError) || !this.collectGarbage()) throw error
      return this.heap.allocate(bytes, true)
    }
  }

  /** Ties the life of a block to that of the object in it. */
  adopt(object: object, block: Block): void {
    dropped.register(object, { agent: this, block })
  }

  /** The handle under which an object travels; its first journey publishes it. */
  share(object: Shareable, block: Block, data: readonly number[] = [], parts: readonly Shareable[] = []): AgentHandle {
    if (block.id === 0) {
      this.ledger.publish(block)
      this.#attached.set(block.id, { ref: new WeakRef(object), block })
    }
    return { agent: this, kind: block.kind, id: block.id, data, parts }
  }

  departing(object: Shareable): Handle {
    this.assertOpen()
    const handle = object[SHARE]() as AgentHandle
    if (handle.agent !== this) {
      throw new NotCloneableError(
        'it belongs to another context: objects travel only among the agents of the context that made them',
        '',
      )
    }
    return handle
  }

  /** @param what names it in the message @throws TypeError for what is another context's: nothing of the two can be used together */
  assertOwn(object: Shareable, what: string): void {
    if ((object[SHARE]() as AgentHandle).agent !== this)
      throw new TypeError(`${what} belongs to another context: make it with the same one`)
  }

  arriving(handle: Handle): object {
    // What lives inside another object (a Value's lock) has no memory of its own and is found through it.
    if (handle.id === 0) return kindOf(handle.kind).attach(this, undefined, handle)
    const known = this.#attached.get(handle.id)?.ref.deref()
    if (known) return known
    this.ledger.hold(handle.id)
    const { words, at } = this.ledger.entry(handle.id)
    const address = unpack(words[at + Entry.address] as number)
    const bytes = words[at + Entry.bytes] as number
    const { views, offset } = this.space.at(address, bytes)
    const block = new Block(handle.kind, address, bytes, views, offset)
    block.id = handle.id
    const object = kindOf(handle.kind).attach(this, block, handle)
    this.#attached.set(block.id, { ref: new WeakRef(object), block })
    this.adopt(object, block)
    return object
  }

  /** Gives up what arrived with a message that could not be decoded. */
  forget(ids: readonly number[]): void {
    for (const id of ids) if (id !== 0 && !this.#attached.get(id)?.ref.deref()) this.ledger.release(id)
    this.#considerCollection()
  }

  /** An object of this agent's has become garbage here. */
  dropped(block: Block): void {
    if (this.#closed) return
    if (block.id === 0) {
      kindOf(block.kind).dispose?.(this, block.address)
      this.heap.free(block.address)
      return
    }
    // It may have arrived again since the object was lost: then another object stands for it here.
    const attachment = this.#attached.get(block.id)
    if (attachment?.block !== block) return
    this.#attached.delete(block.id)
    this.ledger.release(block.id)
    this.#considerCollection()
  }

  #considerCollection(): void {
    if (this.ledger.wantsCollection) this.scheduleCollection()
    else this.#idleTimer ??= setTimeout(() => this.#collectSoon(), IDLE_COLLECTION_MS).unref()
  }

  /** Collects soon; never so often that it takes more than a tenth of this agent's time. */
  scheduleCollection(): void {
    if (this.#collectionDue) return
    this.#collectionDue = true
    const delay = this.#nextCollection - this.now()
    if (delay <= 0) setImmediate(() => this.#collectSoon())
    else this.#dueTimer = setTimeout(() => this.#collectSoon(), delay).unref()
  }

  #collectSoon(): void {
    this.#collectionDue = false
    clearTimeout(this.#idleTimer)
    this.#idleTimer = undefined
    if (!this.#closed) this.collectGarbage()
  }

  /** Frees at once what nobody holds. `false` where another agent is at it. */
  collectGarbage(): boolean {
    const start = this.now()
    const done = collect(this)
    this.#nextCollection = this.now() + 9 * (this.now() - start)
    return done
  }

  /** One of the family has died and is buried: what it may have taken part in sees to those who wait there. */
  mourn(): void {
    this.ledger.forEach((kind, address) => {
      kindOf(kind).mourn?.(this, address)
    })
  }

  // The end

  get closed(): boolean {
    return this.#closed
  }

  /** @throws ClosedError after the context was closed */
  assertOpen(): void {
    if (this.#closed) throw new ClosedError('the context is closed: its memory and its processes are gone')
  }

  /**
   * For whatever blocks this thread.
   * @throws ClosedError after the context was closed; NotSupportedError where the backend cannot block
   */
  assertMayBlock(): void {
    if (this.#mayBlock) return
    this.assertOpen()
    throw new NotSupportedError(
      `the backend '${this.backend.name}' cannot block a thread (capabilities.sync): use the async form`,
    )
  }

  /** Ends every wait and lets go of the memory. */
  close(): void {
    if (this.#closed) return
    for (const crew of this.crews) crew.dismiss()
    this.#closed = true
    this.#mayBlock = false
    this.#waiters?.close(new ClosedError('the context was closed while this waited'))
    clearTimeout(this.#idleTimer)
    clearTimeout(this.#dueTimer)
    this.#attached.clear()
    this.space.close()
    this.memory.close()
  }
}

interface Attachment {
  readonly ref: WeakRef<object>
  readonly block: Block
}

/**
 * One for all agents, and never garbage itself: V8 calls no finalizer in the whole thread any more once a registry has died that had something to call. (Its task
 * finds nothing to do and forgets to say that it is done: seen in V8 11.3, Node 20, `FinalizationRegistryCleanupTask`.)
 */
const dropped = new FinalizationRegistry<{ readonly agent: Agent; readonly block: Block }>(({ agent, block }) =>
  agent.dropped(block),
)
