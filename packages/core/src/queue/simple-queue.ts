import type { Agent } from '../agent.js'
import type { SimpleQueue as SimpleQueueContract } from '../contracts/simple-queue.js'
import { ClosedError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import type { SyncWaitOptions, WaitOptions } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Queue } from './queue.js'
import { RING_BYTES, Ring } from './ring.js'
import { WAITABLE, type Waitable } from './waitable.js'

/** @see SimpleQueueContract */
export class SimpleQueue<T = unknown> implements SimpleQueueContract<T>, Shareable {
  readonly #queue: Queue<T>
  #closed = false

  private constructor(agent: Agent, block: Block) {
    this.#queue = Queue.behind(this, agent, block)
  }

  static create<T>(agent: Agent): SimpleQueue<T> {
    const block = agent.allocate(KindId.simpleQueue, RING_BYTES)
    const queue = new SimpleQueue<T>(agent, block)
    agent.adopt(queue, block)
    return queue
  }

  static attach(agent: Agent, block: Block): SimpleQueue {
    return new SimpleQueue(agent, block)
  }

  put(item: T): Promise<void> {
    return this.#open().put(item)
  }

  putSync(item: T): void {
    this.#open().putSync(item)
  }

  get(options?: WaitOptions): Promise<T> {
    return this.#open().get(options)
  }

  getSync(options?: SyncWaitOptions): T {
    return this.#open().getSync(options)
  }

  get empty(): boolean {
    return this.#open().empty
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    Queue.endGets(this.#queue as Queue, closed())
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [SHARE](): Handle {
    return this.#queue[SHARE]()
  }

  [WAITABLE](): Waitable {
    const waitable = this.#open()[WAITABLE]()
    // Once it is closed a get does not wait: it throws.
    return { ...waitable, isReady: () => this.#closed || waitable.isReady() }
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('SimpleQueue', () => ({ empty: this.empty }), how)
  }

  #open(): Queue<T> {
    if (this.#closed) throw closed()
    return this.#queue
  }
}

function closed(): ClosedError {
  return new ClosedError('this process has closed the queue')
}

defineKind(KindId.simpleQueue, {
  attach: (agent, block) => SimpleQueue.attach(agent, block as Block),
  trace: Ring.trace,
  dispose: Ring.dispose,
})
