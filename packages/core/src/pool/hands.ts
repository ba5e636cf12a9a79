import type { Agent } from '../agent.js'
import { pack, unpack } from '../memory/space.js'
import { Line } from '../sync/async-waiters.js'
import { asyncWaiter, type Suspending, type Waiter } from '../sync/suspend.js'
import { ALL, wake } from '../sync/waitlist.js'

/** Words of the block. A job is noted as its number plus 1; 0: none. */
const GATE = 0
const GATE_WAITLIST = 1
const ON_THREAD = 3
const CLAIMS = 4

/** What a worker is told of its {@link Hands}. */
export interface HandsReference {
  readonly address: number
  readonly count: number
}

/**
 * What a worker has in hand: words in a block that is the pool's, so that they can be read when the worker is dead. The worker notes each job before it takes it, and
 * strikes it out after it has sent the result; so its death costs those that are noted, were taken, and have no result.
 */
export class Hands {
  readonly #agent: Agent
  readonly #address: number
  readonly #words: Int32Array
  readonly #at: number
  /** How many jobs it may have in hand at once. */
  readonly count: number

  private constructor(agent: Agent, address: number, count: number) {
    const { views, offset } = agent.space.at(address, bytesFor(count))
    this.#agent = agent
    this.#address = address
    this.#words = views.i32
    this.#at = offset / 4
    this.count = count
  }

  /** @param open whether the worker may begin as soon as it is ready */
  static create(agent: Agent, count: number, open: boolean): Hands {
    const hands = new Hands(agent, agent.heap.allocate(bytesFor(count), true), count)
    Atomics.store(hands.#words, hands.#at + GATE, open ? 1 : 0)
    return hands
  }

  static attach(agent: Agent, { address, count }: HandsReference): Hands {
    return new Hands(agent, unpack(address), count)
  }

  get reference(): HandsReference {
    return { address: pack(this.#address), count: this.count }
  }

  claim(hand: number, number: number): void {
    Atomics.store(this.#words, this.#at + CLAIMS + hand, (number + 1) | 0)
  }

  release(hand: number): void {
    Atomics.store(this.#words, this.#at + CLAIMS + hand, 0)
  }

  /** The numbers that are noted. */
  claims(): number[] {
    const numbers: number[] = []
    for (let hand = 0; hand < this.count; hand++) {
      const claim = Atomics.load(this.#words, this.#at + CLAIMS + hand)
      if (claim !== 0) numbers.push((claim - 1) | 0)
    }
    return numbers
  }

  /** The number of the job that has the thread at this moment: it has not come to its next `await`. */
  get onThread(): number | undefined {
    const claim = Atomics.load(this.#words, this.#at + ON_THREAD)
    return claim === 0 ? undefined : (claim - 1) | 0
  }

  set onThread(number: number | undefined) {
    Atomics.store(this.#words, this.#at + ON_THREAD, number === undefined ? 0 : (number + 1) | 0)
  }

  /** Lets the worker take jobs. */
  open(): void {
    Atomics.store(this.#words, this.#at + GATE, 1)
    wake(this.#agent, this.#words, this.#at + GATE_WAITLIST, ALL)
  }

  /** Resolves once the worker may take jobs. */
  async opened(): Promise<void> {
    if (this.#isOpen) return
    const { waiters } = this.#agent
    await waiters.run(new Line(), this.#openedSlow(asyncWaiter(this.#agent)), Number.POSITIVE_INFINITY, undefined)
  }

  get #isOpen(): boolean {
    return Atomics.load(this.#words, this.#at + GATE) !== 0
  }

  *#openedSlow(waiter: Waiter): Suspending<void> {
    const words = this.#words
    const at = this.#at + GATE_WAITLIST
    try {
      for (;;) {
        const ticket = waiter.enlist(words, at)
        if (this.#isOpen) return
        yield { words, at, ticket, tick: 0 }
      }
    } finally {
      waiter.withdraw(words, at)
    }
  }

  free(): void {
    this.#agent.heap.free(this.#address)
  }
}

function bytesFor(count: number): number {
  // At least a cache line, so that two workers seldom write to the same one.
  return Math.max(64, (CLAIMS + count) * 4)
}
