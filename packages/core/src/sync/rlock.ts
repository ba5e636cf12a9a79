import { AsyncLocalStorage } from 'node:async_hooks'
import type { Agent } from '../agent.js'
import type { LockOptions, RLock as RLockContract } from '../contracts/lock.js'
import { NotOwnerError, StateError, TimeoutError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Line } from './async-waiters.js'
import { Guard } from './guard.js'
import { checkFunction, ownerDied, stealsOf } from './lock.js'
import { Acquired, holderOf, isHeld, lockSlow, MUTEX_WORDS, tryLock, tryLockSlow, unlock } from './mutex.js'
import { spinLock } from './spin.js'
import { asyncWaiter, runSync, type Suspending, syncWaiter, type Waiter } from './suspend.js'

/** Who holds the lock, as its agent knows: the agent's synchronous code, a flow (an object of its own), or one guard from `acquire()`. */
type Holder = object
const AGENT: Holder = { holder: 'agent' }

/**
 * The flows that this code runs inside of. Created on first use: the first `run()` in a process makes every `await` on Node 20 and 22 several times
 * slower, so programs without async `runExclusive` on an RLock never pay.
 */
let flows: AsyncLocalStorage<ReadonlyMap<object, Holder>> | undefined

/** Where an RLock lives: in a block of its own, or inside another object's (a Value's lock), which it then keeps alive. */
export type Home = { readonly block: Block; readonly at: number; readonly within?: Shareable }

/** @see RLockContract */
export class RLock implements RLockContract, Shareable {
  readonly #agent: Agent
  readonly #home: Home
  readonly #words: Int32Array
  readonly #at: number
  readonly #steals: boolean
  #line: Line | undefined
  /** Who in this agent holds it, and how many times; the shared word knows agents only. */
  #holder: Holder | undefined
  #depth = 0

  constructor(agent: Agent, home: Home, steals: boolean) {
    this.#agent = agent
    this.#home = home
    this.#words = home.block.views.i32
    this.#at = home.at
    this.#steals = steals
  }

  static create(agent: Agent, options?: LockOptions): RLock {
    const steals = stealsOf(options)
    const block = agent.allocate(KindId.rlock, MUTEX_WORDS * 4)
    const lock = new RLock(agent, { block, at: block.at }, steals)
    agent.adopt(lock, block)
    return lock
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#acquire(options, 'the options of acquire()', { holder: 'guard' }, this.#steals)
  }

  recover(options?: WaitOptions): Promise<Guard> {
    return this.#acquire(options, 'the options of recover()', { holder: 'guard' }, true)
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    return this.#acquireSync(syncDeadline(options, 'the options of acquireSync()'), this.#steals)
  }

  recoverSync(options?: SyncWaitOptions): Guard {
    return this.#acquireSync(syncDeadline(options, 'the options of recoverSync()'), true)
  }

  tryAcquire(): Guard | undefined {
    if (this.#mayReenter(AGENT)) return this.#enter(this.#holder as Holder, false)
    if (tryLock(this.#agent, this.#words, this.#at)) return this.#enter(AGENT, false)
    const seen = holderOf(this.#words, this.#at)
    const outcome = tryLockSlow(this.#agent, this.#words, this.#at, this.#steals)
    return outcome === Acquired.no ? undefined : this.#settle(outcome, AGENT, seen)
  }

  release(): void {
    if (this.#holder === undefined || !this.#isHolder()) {
      throw new NotOwnerError('release() of an RLock that this flow does not hold; only its holder may release it')
    }
    this.#leave()
  }

  get locked(): boolean {
    return isHeld(this.#words, this.#at)
  }

  runExclusive<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction(fn, 'runExclusive()')
    return this.#hold(this.#acquire(options, 'the options of runExclusive()', { holder: 'flow' }, this.#steals), fn)
  }

  runExclusiveSync<T>(fn: () => T, options?: SyncWaitOptions): T {
    checkFunction(fn, 'runExclusiveSync()')
    const guard = this.acquireSync(options)
    try {
      return fn()
    } finally {
      guard.release()
    }
  }

  [SHARE](): Handle {
    const { within, block } = this.#home
    if (within) return { agent: this.#agent, kind: KindId.memberLock, id: 0, data: [], parts: [within] } as Handle
    return this.#agent.share(this, block, [this.#steals ? 1 : 0])
  }

  /** Runs `fn` as (part of) the flow that holds the lock now. */
  async #hold<T>(acquired: Promise<Guard>, fn: () => T | PromiseLike<T>): Promise<T> {
    const guard = await acquired
    flows ??= new AsyncLocalStorage()
    const inside = new Map(flows.getStore() ?? []).set(this, this.#holder as Holder)
    try {
      return await flows.run(inside, fn)
    } finally {
      guard.release()
    }
  }

  /** Whether the calling code is inside the flow that holds it, or it is held by the agent and `as` is the agent. */
  #mayReenter(as: Holder): boolean {
    if (this.#holder === undefined) return false
    return (this.#holder === AGENT && as === AGENT) || flows?.getStore()?.get(this) === this.#holder
  }

  #isHolder(): boolean {
    const holder = this.#holder as { holder: string }
    return holder.holder !== 'flow' || flows?.getStore()?.get(this) === holder
  }

  #acquire(options: WaitOptions | undefined, what: string, as: Holder, steal: boolean): Promise<Guard> {
    checkOptions(options, what)
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#mayReenter(as)) return Promise.resolve(this.#enter(this.#holder as Holder, false))
    if ((this.#line?.isEmpty ?? true) && tryLock(this.#agent, this.#words, this.#at))
      return Promise.resolve(this.#enter(as, false))
    this.#line ??= new Line()
    return this.#agent.waiters.run(this.#line, this.#acquireSlow(asyncWaiter(this.#agent), as, steal), deadline, signal)
  }

  #acquireSync(deadline: number, steal: boolean): Guard {
    const agent = this.#agent
    if (this.#mayReenter(AGENT)) return this.#enter(this.#holder as Holder, false)
    if (tryLock(agent, this.#words, this.#at)) return this.#enter(AGENT, false)
    if (this.#holder !== undefined) {
      throw new StateError(
        'this thread already holds the RLock, in another async flow: waiting for it synchronously would block the very flow that must release it. Use the async form',
      )
    }
    if (spinLock(agent, this.#words, this.#at)) return this.#enter(AGENT, false)
    return runSync(agent, this.#acquireSlow(syncWaiter(agent), AGENT, steal), deadline)
  }

  *#acquireSlow(waiter: Waiter, as: Holder, steal: boolean): Suspending<Guard> {
    const outcome = yield* lockSlow(this.#agent, this.#words, this.#at, waiter, steal)
    return this.#settle(outcome, as, holderOf(this.#words, this.#at))
  }

  #settle(outcome: Acquired, as: Holder, seen: number): Guard {
    switch (outcome) {
      case Acquired.yes:
        return this.#enter(as, false)
      case Acquired.fromTheDead:
        return this.#enter(as, true)
      case Acquired.ownerDied:
        throw ownerDied(this.#agent, seen)
      case Acquired.no:
        throw new TimeoutError('the lock was not released in time')
    }
  }

  #enter(as: Holder, ownerDied: boolean): Guard {
    this.#holder = as
    this.#depth++
    return new Guard({ release: () => this.#leave() }, ownerDied)
  }

  #leave(): void {
    if (--this.#depth > 0) return
    this.#holder = undefined
    unlock(this.#agent, this.#words, this.#at)
  }

  static attach(agent: Agent, block: Block, handle: Handle): RLock {
    return new RLock(agent, { block, at: block.at }, handle.data[0] === 1)
  }
}

defineKind(KindId.rlock, { attach: (agent, block, handle) => RLock.attach(agent, block as Block, handle) })
