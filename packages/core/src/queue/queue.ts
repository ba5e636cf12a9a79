import type { Agent } from '../agent.js'
import type { Queue as QueueContract, QueueOptions } from '../contracts/queue.js'
import { ClosedError, QueueEmptyError, QueueFullError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import {
  checkOptions,
  deadlineOf,
  flagOf,
  type SyncWaitOptions,
  shown,
  signalOf,
  syncDeadline,
  type WaitOptions,
} from '../options.js'
import { Line } from '../sync/async-waiters.js'
import { spinUntil } from '../sync/spin.js'
import { asyncWaiter, runSync, type Suspending, syncWaiter, type Waiter } from '../sync/suspend.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { OutgoingItem } from './outgoing.js'
import { EMPTY, Offered, RING_BYTES, Ring } from './ring.js'
import { WAITABLE, type Waitable } from './waitable.js'

/** @see QueueContract */
export class Queue<T = unknown> implements QueueContract<T>, Shareable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #ring: Ring
  readonly #outgoing: OutgoingItem
  #putters: Line | undefined
  #getters: Line | undefined
  #closed = false
  /** What travels, and with what the block lives. */
  readonly #face: Shareable

  /** @param face the object that stands for the queue where another class does; whoever waits here keeps it */
  protected constructor(agent: Agent, block: Block, ring = new Ring(agent, block), face?: Shareable) {
    this.#agent = agent
    this.#block = block
    this.#face = face ?? this
    this.#ring = ring
    ring.container = this.#face
    this.#outgoing = new OutgoingItem(agent)
  }

  static create<T>(agent: Agent, options?: QueueOptions | number): Queue<T> {
    const maxsize = maxsizeOf(options)
    const block = agent.allocate(KindId.queue, RING_BYTES)
    Ring.format(block, maxsize)
    const queue = new Queue<T>(agent, block)
    agent.adopt(queue, block)
    return queue
  }

  put(item: T, options?: WaitOptions): Promise<void> {
    checkOptions(options, 'the options of put()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#assertOpen()
    const outgoing = this.#outgoing.prepare(item, 'item')
    if (signal?.aborted) {
      outgoing.discard()
      return Promise.reject(signal.reason)
    }
    if (this.#putters?.isEmpty ?? true) {
      const offered = this.#offer(outgoing)
      if (offered === Offered.done) return Promise.resolve()
      if (offered === Offered.shut) return Promise.reject(shutDown())
    }
    const own = outgoing.detach()
    this.#putters ??= new Line()
    const slow = this.#putSlow(own, asyncWaiter(this.#agent))
    return this.#agent.waiters.run(this.#putters, slow, deadline, signal).catch((error: unknown) => {
      own.discard()
      throw error
    })
  }

  putSync(item: T, options?: SyncWaitOptions): void {
    const deadline = syncDeadline(options, 'the options of putSync()')
    this.#agent.assertMayBlock()
    this.#assertOpen()
    const outgoing = this.#outgoing.prepare(item, 'item')
    const offered = this.#offer(outgoing)
    if (offered === Offered.done) return
    if (offered === Offered.shut) throw shutDown()
    const own = outgoing.detach()
    try {
      runSync(this.#agent, this.#putSlow(own, syncWaiter(this.#agent)), deadline)
    } catch (error) {
      own.discard()
      throw error
    }
  }

  tryPut(item: T): boolean {
    this.#assertOpen()
    const outgoing = this.#outgoing.prepare(item, 'item')
    const offered = this.#offer(outgoing)
    if (offered === Offered.full) outgoing.discard()
    if (offered === Offered.shut) throw shutDown()
    return offered === Offered.done
  }

  get(options?: WaitOptions): Promise<T> {
    checkOptions(options, 'the options of get()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    if (signal?.aborted) return Promise.reject(signal.reason)
    this.#agent.assertOpen()
    if (this.#getters?.isEmpty ?? true) {
      try {
        const item = this.#ring.take()
        if (item !== EMPTY) return Promise.resolve(item as T)
      } catch (error) {
        return Promise.reject(error)
      }
    }
    this.#getters ??= new Line()
    return this.#agent.waiters.run(this.#getters, this.#getSlow(asyncWaiter(this.#agent)), deadline, signal)
  }

  getSync(options?: SyncWaitOptions): T {
    const deadline = syncDeadline(options, 'the options of getSync()')
    this.#agent.assertMayBlock()
    const item = this.#ring.take()
    if (item !== EMPTY) return item as T
    // An item often comes within a few microseconds, and falling asleep and being woken takes longer.
    if (spinUntil(this.#agent, () => this.#ring.size > 0)) {
      const spun = this.#ring.take()
      if (spun !== EMPTY) return spun as T
    }
    return runSync(this.#agent, this.#getSlow(syncWaiter(this.#agent)), deadline)
  }

  tryGet(): T | undefined {
    this.#agent.assertOpen()
    const shut = this.#ring.isShut
    const item = this.#ring.take()
    if (item !== EMPTY) return item as T
    if (shut) throw shutDown()
    return undefined
  }

  get size(): number {
    this.#agent.assertOpen()
    return this.#ring.size
  }

  get empty(): boolean {
    return this.size === 0
  }

  get full(): boolean {
    return this.#ring.maxsize !== 0 && this.size >= this.#ring.maxsize
  }

  get maxsize(): number {
    this.#agent.assertOpen()
    return this.#ring.maxsize
  }

  close(): void {
    this.#closed = true
  }

  shutdown(options?: { readonly immediate?: boolean | undefined }): void {
    this.#agent.assertOpen()
    this.#ring.shut(flagOf(checkOptions(options, 'the options of shutdown()')?.immediate, 'immediate', false))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined, undefined> {
    for (;;) {
      let item: T
      try {
        item = await this.get()
      } catch (error) {
        if (error instanceof ClosedError && this.#ring.isShut) return undefined
        throw error
      }
      yield item
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [SHARE](): Handle {
    return this.#agent.share(this.#face, this.#block)
  }

  [WAITABLE](): Waitable {
    return { agent: this.#agent, ...this.#ring.arrivals, isReady: () => this.#ring.isReady }
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected(this.constructor.name, () => ({ size: this.size, maxsize: this.maxsize }), how)
  }

  #assertOpen(): void {
    this.#agent.assertOpen()
    if (this.#closed) throw new ClosedError('this process has closed the queue for its puts')
  }

  #offer(outgoing: OutgoingItem): Offered {
    let offered: Offered | undefined
    try {
      offered = this.#ring.offer(outgoing)
      return offered
    } finally {
      if (offered === Offered.done) outgoing.done()
      else if (offered !== Offered.full) outgoing.discard()
    }
  }

  *#putSlow(outgoing: OutgoingItem, waiter: Waiter): Suspending<void> {
    const offered = yield* this.#ring.offerSlow(outgoing, waiter)
    if (offered === Offered.full) throw new QueueFullError(`the queue of at most ${this.maxsize} items had no room in time`)
    if (offered === Offered.shut) throw shutDown()
    outgoing.done()
  }

  *#getSlow(waiter: Waiter): Suspending<T> {
    const item = yield* this.#ring.takeSlow(waiter)
    if (item !== EMPTY) return item as T
    if (this.#ring.isShut && this.#ring.size === 0) throw shutDown()
    throw new QueueEmptyError('the queue had no item in time')
  }

  static attach(agent: Agent, block: Block): Queue {
    return new Queue(agent, block)
  }

  /** The queue behind another class's object. */
  static behind<T>(face: Shareable, agent: Agent, block: Block): Queue<T> {
    return new Queue<T>(agent, block, new Ring(agent, block), face)
  }

  /** Rejects the gets of this agent that are pending, which take no item; and has its waits for the queue look again. */
  static endGets(queue: Queue, reason: Error): void {
    const agent = queue.#agent
    if (agent.closed) return
    if (queue.#getters) agent.waiters.dismiss(queue.#getters, reason)
    agent.ring(agent.bell)
  }
}

defineKind(KindId.queue, {
  attach: (agent, block) => Queue.attach(agent, block as Block),
  trace: Ring.trace,
  dispose: Ring.dispose,
  mourn: Ring.mourn,
})

function shutDown(): ClosedError {
  return new ClosedError('the queue is shut down')
}

/** @throws TypeError, RangeError for what is no whole number from 0 */
export function maxsizeOf(options: QueueOptions | number | undefined): number {
  const maxsize = typeof options === 'number' ? options : checkOptions(options, 'the options of a Queue')?.maxsize
  if (maxsize === undefined) return 0
  if (typeof maxsize !== 'number') throw new TypeError(`maxsize must be a number of items; got ${shown(maxsize)}`)
  if (maxsize === Number.POSITIVE_INFINITY) return 0
  if (!Number.isInteger(maxsize) || maxsize < 0 || maxsize > 2 ** 31 - 1) {
    throw new RangeError(`maxsize must be a whole number from 0 (no limit) to 2147483647; got ${shown(maxsize)}`)
  }
  return maxsize
}
