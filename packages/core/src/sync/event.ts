import type { Agent } from '../agent.js'
import type { Event as EventContract } from '../contracts/event.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Line } from './async-waiters.js'
import { spinUntil } from './spin.js'
import { asyncWaiter, type Resumption, runSync, type Suspending, syncWaiter, type Waiter } from './suspend.js'
import { ALL, WAITLIST_WORDS, wake } from './waitlist.js'

/**
 * | word     | holds                                                              |
 * |----------|--------------------------------------------------------------------|
 * | STATE    | bit 0: the flag is up; the rest counts how often it was raised     |
 * | waitlist | those who found it down                                            |
 *
 * A waiter is done when the flag is up, or when the count is not what it was at the call: a flag that was lowered again before the waiter ran has
 * released it all the same. The count would have to come round, 2^31 times, in the course of one wait to be mistaken.
 */
const STATE = 0
const WAITLIST = 1
const EVENT_WORDS = WAITLIST + WAITLIST_WORDS

const UP = 1
const RAISED_ONCE = 2

/** @see EventContract */
export class Event implements EventContract, Shareable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #words: Int32Array
  readonly #at: number
  /** For `Agent.noteWake`. */
  readonly #waitlistWord: number
  #line: Line | undefined

  private constructor(agent: Agent, block: Block) {
    this.#agent = agent
    this.#block = block
    this.#words = block.views.i32
    this.#at = block.at
    this.#waitlistWord = (block.address / 4 + WAITLIST) | 0
  }

  static create(agent: Agent): Event {
    const block = agent.allocate(KindId.event, EVENT_WORDS * 4)
    const event = new Event(agent, block)
    agent.adopt(event, block)
    return event
  }

  static attach(agent: Agent, block: Block): Event {
    return new Event(agent, block)
  }

  set(): void {
    const agent = this.#agent
    agent.assertOpen()
    if ((this.#state & UP) !== 0) return
    agent.noteWake(this.#waitlistWord)
    if (this.#raise()) wake(agent, this.#words, this.#at + WAITLIST, ALL)
    agent.noteWake(0)
  }

  clear(): void {
    this.#agent.assertOpen()
    Atomics.and(this.#words, this.#at + STATE, ~UP)
  }

  get isSet(): boolean {
    this.#agent.assertOpen()
    return (this.#state & UP) !== 0
  }

  wait(options?: WaitOptions): Promise<boolean> {
    checkOptions(options, 'the options of wait()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    const agent = this.#agent
    agent.assertOpen()
    if (signal?.aborted) return Promise.reject(signal.reason)
    const state = this.#state
    if ((state & UP) !== 0) return Promise.resolve(true)
    this.#line ??= new Line()
    return agent.waiters.run(this.#line, this.#waitSlow(asyncWaiter(agent), state), deadline, signal)
  }

  waitSync(options?: SyncWaitOptions): boolean {
    const agent = this.#agent
    agent.assertMayBlock()
    const deadline = syncDeadline(options, 'the options of waitSync()')
    const state = this.#state
    if ((state & UP) !== 0) return true
    // What is waited for often comes within a few microseconds, and falling asleep and being woken takes longer.
    if (spinUntil(agent, () => this.#state !== state)) return true
    return runSync(agent, this.#waitSlow(syncWaiter(agent), state), deadline)
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block)
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('Event', () => ({ isSet: this.isSet }), how)
  }

  /** `false` where another was faster. */
  #raise(): boolean {
    for (;;) {
      const state = this.#state
      if ((state & UP) !== 0) return false
      const raised = ((state | UP) + RAISED_ONCE) | 0
      if (Atomics.compareExchange(this.#words, this.#at + STATE, state, raised) === state) return true
    }
  }

  get #state(): number {
    return Atomics.load(this.#words, this.#at + STATE)
  }

  /**
   * Waits until the flag is up or has been; `false` when time ran out, or when the wait was aborted.
   * @param before the state at the call, with the flag down: any other one says that it was raised since
   */
  *#waitSlow(waiter: Waiter, before: number): Suspending<boolean> {
    const words = this.#words
    const at = this.#at + WAITLIST
    let resumption: Resumption | undefined
    try {
      for (;;) {
        const ticket = waiter.enlist(words, at)
        if (resumption === 'aborted') return false
        if (this.#state !== before) return true
        if (resumption === 'expired') return false
        resumption = yield { words, at, ticket, tick: 0 }
      }
    } finally {
      waiter.withdraw(words, at)
    }
  }
}

defineKind(KindId.event, { attach: (agent, block) => Event.attach(agent, block as Block) })
