import type { Agent } from '../agent.js'
import type { BoundedSemaphore as BoundedContract, Semaphore as SemaphoreContract } from '../contracts/semaphore.js'
import { TimeoutError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, shown, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Line } from './async-waiters.js'
import { Guard, type Releasable } from './guard.js'
import { checkFunction, holding, holdingSync } from './holding.js'
import {
  formatPermits,
  give,
  MOST_PERMITS,
  PERMITS_WAITLIST,
  PERMITS_WORDS,
  permits,
  takeSlow,
  tryEnter,
  tryTake,
} from './permits.js'
import { spinUntil } from './spin.js'
import { asyncWaiter, runSync, type Suspending, syncWaiter, type Waiter } from './suspend.js'

/** @see SemaphoreContract */
export class Semaphore implements SemaphoreContract, Shareable, Releasable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #words: Int32Array
  readonly #at: number
  /** For `Agent.noteWake`. */
  readonly #waitlistWord: number
  /** How many permits there may be; `undefined`: as many as can be counted. */
  readonly #bound: number | undefined
  #line: Line | undefined

  constructor(agent: Agent, block: Block, bound?: number) {
    this.#agent = agent
    this.#block = block
    this.#words = block.views.i32
    this.#at = block.at
    this.#waitlistWord = (block.address / 4 + PERMITS_WAITLIST) | 0
    this.#bound = bound
  }

  static create(agent: Agent, value?: number): Semaphore {
    const block = blockOf(agent, initialOf(value))
    const semaphore = new Semaphore(agent, block)
    agent.adopt(semaphore, block)
    return semaphore
  }

  static attach(agent: Agent, block: Block, { data: [bound] }: Handle): Semaphore {
    return bound === undefined ? new Semaphore(agent, block) : new BoundedSemaphore(agent, block, bound)
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#acquire(options, 'the options of acquire()')
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    const agent = this.#agent
    agent.assertMayBlock()
    const deadline = syncDeadline(options, 'the options of acquireSync()')
    if (tryEnter(agent, this.#words, this.#at)) return this.#guard()
    if (spinUntil(agent, () => tryEnter(agent, this.#words, this.#at))) return this.#guard()
    return runSync(agent, this.#acquireSlow(syncWaiter(agent)), deadline)
  }

  tryAcquire(): Guard | undefined {
    this.#agent.assertOpen()
    return tryTake(this.#words, this.#at) ? this.#guard() : undefined
  }

  release(n = 1): void {
    this.#agent.assertOpen()
    if (typeof n !== 'number') throw new TypeError(`release() takes a number of permits; got ${shown(n)}`)
    if (!Number.isInteger(n) || n < 1) throw new RangeError(`release() takes a whole number of permits from 1; got ${shown(n)}`)
    this.#give(n)
  }

  releaseHold(): void {
    this.#give(1)
  }

  get value(): number {
    this.#agent.assertOpen()
    return permits(this.#words, this.#at)
  }

  get locked(): boolean {
    return this.value === 0
  }

  runExclusive<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction(fn, 'runExclusive()')
    return holding(this.#acquire(options, 'the options of runExclusive()'), fn)
  }

  runExclusiveSync<T>(fn: () => T, options?: SyncWaitOptions): T {
    checkFunction(fn, 'runExclusiveSync()')
    return holdingSync(this.acquireSync(options), fn)
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block, this.#bound === undefined ? [] : [this.#bound])
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected(this.constructor.name, () => ({ value: this.value }), how)
  }

  #acquire(options: WaitOptions | undefined, what: string): Promise<Guard> {
    checkOptions(options, what)
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#agent.assertOpen()
    if (signal?.aborted) return Promise.reject(signal.reason)
    // Behind those of this agent who wait already there is no overtaking.
    if ((this.#line?.isEmpty ?? true) && tryEnter(this.#agent, this.#words, this.#at)) return Promise.resolve(this.#guard())
    this.#line ??= new Line()
    return this.#agent.waiters.run(this.#line, this.#acquireSlow(asyncWaiter(this.#agent)), deadline, signal)
  }

  *#acquireSlow(waiter: Waiter): Suspending<Guard> {
    if (yield* takeSlow(this.#agent, this.#words, this.#at, waiter)) return this.#guard()
    throw new TimeoutError('the semaphore had no permit in time')
  }

  #guard(): Guard {
    return new Guard(this, false)
  }

  #give(n: number): void {
    const agent = this.#agent
    agent.noteWake(this.#waitlistWord)
    const given = give(agent, this.#words, this.#at, n, this.#bound ?? MOST_PERMITS)
    agent.noteWake(0)
    if (!given) throw this.#tooMany(n)
  }

  #tooMany(n: number): RangeError {
    return new RangeError(
      this.#bound === undefined
        ? `release(${n}) of a semaphore with ${this.value} permits: it can have ${MOST_PERMITS} at most`
        : `release(${n}) of a bounded semaphore with ${this.value} of its ${this.#bound} permits: more are released than were acquired`,
    )
  }
}

/** @see BoundedContract */
export class BoundedSemaphore extends Semaphore implements BoundedContract {
  static override create(agent: Agent, value?: number): BoundedSemaphore {
    const initial = initialOf(value)
    const block = blockOf(agent, initial)
    const semaphore = new BoundedSemaphore(agent, block, initial)
    agent.adopt(semaphore, block)
    return semaphore
  }
}

defineKind(KindId.semaphore, { attach: (agent, block, handle) => Semaphore.attach(agent, block as Block, handle) })

function blockOf(agent: Agent, initial: number): Block {
  const block = agent.allocate(KindId.semaphore, PERMITS_WORDS * 4)
  formatPermits(block.views.i32, block.at, initial)
  return block
}

/** @throws TypeError, RangeError for what is no whole number from 0 */
function initialOf(value: number | undefined): number {
  if (value === undefined) return 1
  if (typeof value !== 'number') throw new TypeError(`a semaphore begins with a number of permits; got ${shown(value)}`)
  if (!Number.isInteger(value) || value < 0 || value > MOST_PERMITS) {
    throw new RangeError(`a semaphore begins with a whole number of permits from 0 to ${MOST_PERMITS}; got ${shown(value)}`)
  }
  return value
}
