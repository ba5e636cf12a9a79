import type { Agent } from '../agent.js'
import type { Condition as ConditionContract } from '../contracts/condition.js'
import type { Guard } from '../contracts/lock.js'
import { NotOwnerError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, shown, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { abandon, isThenable } from '../thenable.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Line } from './async-waiters.js'
import { checkFunction } from './holding.js'
import { Lock } from './lock.js'
import { MUTEX_WORDS } from './mutex.js'
import { Notices } from './notices.js'
import { RLock } from './rlock.js'
import { settleWithin } from './settle-within.js'
import type { SurrenderableLock } from './surrender.js'
import { asyncWaiter, runSync, syncWaiter } from './suspend.js'

/** Words: those of its own lock, unused where one was given, and those of its waiters. */
const OWN_LOCK = 0
const NOTICES = OWN_LOCK + MUTEX_WORDS
const BYTES = (NOTICES + Notices.WORDS) * 4

/** @see ConditionContract */
export class Condition implements ConditionContract, Shareable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #given: SurrenderableLock | undefined
  readonly #lock: SurrenderableLock
  readonly #notices: Notices

  private constructor(agent: Agent, block: Block, given: SurrenderableLock | undefined) {
    this.#agent = agent
    this.#block = block
    this.#given = given
    this.#lock = given ?? new RLock(agent, { block, at: block.at + OWN_LOCK, within: this }, true)
    this.#notices = new Notices(agent, block.views.i32, block.at + NOTICES, block.address + NOTICES * 4)
  }

  static create(agent: Agent, lock?: unknown): Condition {
    if (lock !== undefined && !(lock instanceof Lock) && !(lock instanceof RLock)) {
      throw new TypeError(`a Condition takes a Lock or an RLock, or makes an RLock of its own; got ${shown(lock)}`)
    }
    if (lock) agent.assertOwn(lock, 'the lock')
    const block = agent.allocate(KindId.condition, BYTES)
    Notices.format(block.views.i32, block.at + NOTICES)
    const condition = new Condition(agent, block, lock)
    agent.adopt(condition, block)
    return condition
  }

  get lock(): SurrenderableLock {
    return this.#lock
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#lock.acquire(options)
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    return this.#lock.acquireSync(options)
  }

  tryAcquire(): Guard | undefined {
    return this.#lock.tryAcquire()
  }

  release(): void {
    this.#lock.release()
  }

  get locked(): boolean {
    return this.#lock.locked
  }

  runExclusive<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return this.#lock.runExclusive(fn, options)
  }

  runExclusiveSync<T>(fn: () => T, options?: SyncWaitOptions): T {
    return this.#lock.runExclusiveSync(fn, options)
  }

  wait(options?: WaitOptions): Promise<boolean> {
    checkOptions(options, 'the options of wait()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#assertHeld('wait()')
    return this.#wait(deadline, signal)
  }

  waitSync(options?: SyncWaitOptions): boolean {
    const deadline = syncDeadline(options, 'the options of waitSync()')
    this.#agent.assertMayBlock()
    this.#assertHeld('waitSync()')
    return this.#waitSync(deadline)
  }

  waitFor<T>(predicate: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction(predicate, 'waitFor()')
    checkOptions(options, 'the options of waitFor()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#assertHeld('waitFor()')
    return this.#waitFor(predicate, deadline, signal)
  }

  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T {
    checkFunction(predicate, 'waitForSync()')
    const deadline = syncDeadline(options, 'the options of waitForSync()')
    this.#agent.assertMayBlock()
    for (;;) {
      this.#assertHeld('waitForSync()')
      const value = predicate()
      if (isThenable(value)) {
        abandon(value)
        throw new TypeError(
          'the predicate of waitForSync() gave a promise, which nobody can await while this thread is blocked: use waitFor()',
        )
      }
      if (value || this.#agent.now() >= deadline) return value
      this.#waitSync(deadline)
    }
  }

  notify(n = 1): void {
    if (typeof n !== 'number') throw new TypeError(`notify() takes a number of waiters; got ${shown(n)}`)
    if (!Number.isInteger(n) || n < 1) throw new RangeError(`notify() takes a whole number of waiters from 1; got ${n}`)
    this.#assertHeld('notify()')
    this.#notices.notify(n)
  }

  notifyAll(): void {
    this.#assertHeld('notifyAll()')
    this.#notices.notify(Number.POSITIVE_INFINITY)
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block, [], this.#given ? [this.#given] : [])
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('Condition', () => ({ locked: this.locked }), how)
  }

  #assertHeld(what: string): void {
    this.#agent.assertOpen()
    if (this.#lock.isHeldHere()) return
    throw new NotOwnerError(
      `${what} of a Condition whose lock is not held here: acquire it first, as by condition.runExclusive(…). What is waited for could change between a look at it and the wait`,
    )
  }

  async #wait(deadline: number, signal: AbortSignal | undefined): Promise<boolean> {
    signal?.throwIfAborted()
    const agent = this.#agent
    // Enlisted before the lock is given up: whoever has it next finds this waiter.
    const entry = this.#notices.enlist()
    const hold = this.#lock.surrender()
    try {
      await agent.waiters.run(new Line(), this.#notices.sleep(entry, asyncWaiter(agent)), deadline, signal)
    } catch (reason) {
      if (agent.closed) throw reason
      this.#notices.abandon(entry)
      this.#resumed(await hold.resume())
      throw reason
    }
    const notified = this.#notices.leave(entry)
    try {
      this.#resumed(await hold.resume())
    } catch (error) {
      if (notified && !agent.closed) this.#notices.abandon(entry)
      throw error
    }
    if (notified) this.#notices.acknowledge(entry)
    return notified
  }

  #waitSync(deadline: number): boolean {
    const agent = this.#agent
    const entry = this.#notices.enlist()
    const hold = this.#lock.surrender()
    runSync(agent, this.#notices.sleep(entry, syncWaiter(agent)), deadline)
    const notified = this.#notices.leave(entry)
    try {
      this.#resumed(hold.resumeSync())
    } catch (error) {
      if (notified) this.#notices.abandon(entry)
      throw error
    }
    if (notified) this.#notices.acknowledge(entry)
    return notified
  }

  /** What the dead changed while they had the lock, they may have told nobody of: all look again. */
  #resumed(ownerDied: boolean): void {
    if (ownerDied) this.#notices.notify(Number.POSITIVE_INFINITY)
  }

  async #waitFor<T>(predicate: () => T | PromiseLike<T>, deadline: number, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    let value: T | undefined
    for (;;) {
      try {
        value = await settleWithin(Promise.resolve(predicate()), deadline, signal, () => new TooLate())
      } catch (error) {
        // The last value that it gave: it is too late for the next.
        if (error instanceof TooLate) return value as T
        throw error
      }
      if (value || this.#agent.now() >= deadline) return value
      this.#assertHeld('waitFor()')
      await this.#wait(deadline, signal)
    }
  }

  static attach(agent: Agent, block: Block, handle: Handle): Condition {
    return new Condition(agent, block, handle.parts[0] as SurrenderableLock | undefined)
  }

  static mourn(agent: Agent, address: number): void {
    const { views, offset } = agent.space.at(address, BYTES)
    new Notices(agent, views.i32, offset / 4 + NOTICES, address + NOTICES * 4).mourn()
  }
}

/** Time has run out for a predicate that gave a promise. */
class TooLate extends Error {}

defineKind(KindId.condition, {
  attach: (agent, block, handle) => Condition.attach(agent, block as Block, handle),
  trace: (agent, address, found) => Notices.trace(agent, address + NOTICES * 4, found),
  dispose: (agent, address) => Notices.dispose(agent, address + NOTICES * 4),
  mourn: Condition.mourn,
})
