import type { Agent } from '../agent.js'
import type { JoinableQueue as JoinableQueueContract } from '../contracts/joinable-queue.js'
import type { QueueOptions } from '../contracts/queue.js'
import { TimeoutError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { Line } from '../sync/async-waiters.js'
import { asyncWaiter, type Resumption, runSync, type Suspending, syncWaiter, type Waiter } from '../sync/suspend.js'
import { ALL, rouse, WAITLIST_WORDS, wake } from '../sync/waitlist.js'
import { maxsizeOf, Queue } from './queue.js'
import { RING_BYTES, Ring } from './ring.js'

/**
 * A queue that counts how many of its items are done. Words behind the ring:
 *
 * | word     | holds                                                                     |
 * |----------|---------------------------------------------------------------------------|
 * | DONE     | how often `taskDone` was called                                           |
 * | EVEN_AT  | the last count at which DONE was seen to have reached the number of items |
 * | ALL_DONE | waitlist of those who wait in `join`                                      |
 *
 * How many items are unfinished is a function of DONE and the ring's own counters: there is no count that a death between putting an item and counting it could
 * leave wrong.
 */
const DONE = RING_BYTES / 4
const EVEN_AT = DONE + 1
const ALL_DONE = EVEN_AT + 1
const BYTES = (ALL_DONE + WAITLIST_WORDS) * 4

/** Items that had been put by then, and EVEN_AT. */
interface Moment {
  readonly items: number
  readonly even: number
}

/** @see JoinableQueueContract */
export class JoinableQueue<T = unknown> extends Queue<T> implements JoinableQueueContract<T> {
  readonly #agent: Agent
  readonly #words: Int32Array
  readonly #at: number
  readonly #ring: Ring
  #joiners: Line | undefined

  private constructor(agent: Agent, block: Block, ring = new Ring(agent, block)) {
    super(agent, block, ring)
    this.#agent = agent
    this.#words = block.views.i32
    this.#at = block.at
    this.#ring = ring
  }

  static override create<T>(agent: Agent, options?: QueueOptions | number): JoinableQueue<T> {
    const maxsize = maxsizeOf(options)
    const block = agent.allocate(KindId.joinableQueue, BYTES)
    Ring.format(block, maxsize)
    const queue = new JoinableQueue<T>(agent, block)
    agent.adopt(queue, block)
    return queue
  }

  static override attach(agent: Agent, block: Block): JoinableQueue {
    return new JoinableQueue(agent, block)
  }

  taskDone(): void {
    this.#agent.assertOpen()
    const words = this.#words
    const at = this.#at
    for (;;) {
      // In this order: items can only become more meanwhile, so what is refused was one too many.
      const done = Atomics.load(words, at + DONE)
      if (((this.#ring.kept - done) | 0) <= 0) {
        throw new RangeError(
          'taskDone() was called once more than there were items in the queue: call it once for each item that was got',
        )
      }
      if (Atomics.compareExchange(words, at + DONE, done, (done + 1) | 0) !== done) continue
      if (this.#unfinished <= 0) this.#settle((done + 1) | 0)
      return
    }
  }

  join(options?: WaitOptions): Promise<void> {
    checkOptions(options, 'the options of join()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#agent.assertOpen()
    if (signal?.aborted) return Promise.reject(signal.reason)
    const call = this.#now()
    if (this.#unfinished <= 0) return Promise.resolve()
    this.#joiners ??= new Line()
    return this.#agent.waiters.run(this.#joiners, this.#joinSlow(asyncWaiter(this.#agent), call), deadline, signal)
  }

  joinSync(options?: SyncWaitOptions): void {
    const deadline = syncDeadline(options, 'the options of joinSync()')
    this.#agent.assertMayBlock()
    const call = this.#now()
    if (this.#unfinished <= 0) return
    runSync(this.#agent, this.#joinSlow(syncWaiter(this.#agent), call), deadline)
  }

  override shutdown(options?: { readonly immediate?: boolean | undefined }): void {
    super.shutdown(options)
    if (this.#unfinished <= 0) wake(this.#agent, this.#words, this.#at + ALL_DONE, ALL)
  }

  /** Items that were put and are not done. Less than 0 where some were called done and dropped afterwards. */
  get #unfinished(): number {
    const done = Atomics.load(this.#words, this.#at + DONE)
    return (this.#ring.kept - done) | 0
  }

  /** All items are done, at this very count. What is put from now on does not matter to those who wait already. */
  #settle(count: number): void {
    const words = this.#words
    const at = this.#at
    for (let seen = Atomics.load(words, at + EVEN_AT); ((count - seen) | 0) > 0; ) {
      const before = Atomics.compareExchange(words, at + EVEN_AT, seen, count)
      if (before === seen) break
      seen = before
    }
    wake(this.#agent, words, at + ALL_DONE, ALL)
  }

  #now(): Moment {
    return { items: this.#ring.puts, even: Atomics.load(this.#words, this.#at + EVEN_AT) }
  }

  /** @param call when it was called: a waiter runs only when it is the first of its line, and all may have been done before that */
  *#joinSlow(waiter: Waiter, call: Moment): Suspending<void> {
    const words = this.#words
    const at = this.#at + ALL_DONE
    let resumption: Resumption | undefined
    try {
      for (;;) {
        const ticket = waiter.enlist(words, at)
        if (resumption === 'aborted') return
        if (this.#unfinished <= 0) return
        // It may have been so in between. What somebody notes late, of a time before this wait, is less than the items that there were.
        const even = Atomics.load(words, this.#at + EVEN_AT)
        if (even !== call.even && ((even - call.items) | 0) >= 0) return
        if (resumption === 'expired') throw new TimeoutError(`${this.#unfinished} items of the queue were not done in time`)
        resumption = yield { words, at, ticket, tick: 0 }
      }
    } finally {
      waiter.withdraw(words, at)
    }
  }

  /** Who did the last item, or dropped it, may have died before everyone was woken. */
  static mourn(agent: Agent, address: number): void {
    Ring.mourn(agent, address)
    const { views, offset } = agent.space.at(address, BYTES)
    rouse(agent, views.i32, offset / 4 + ALL_DONE)
  }
}

defineKind(KindId.joinableQueue, {
  attach: (agent, block) => JoinableQueue.attach(agent, block as Block),
  trace: Ring.trace,
  dispose: Ring.dispose,
  mourn: JoinableQueue.mourn,
})
