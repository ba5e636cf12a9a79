import { AsyncLocalStorage } from 'node:async_hooks'
import type { Agent } from '../agent.js'
import type { LockOptions, RLock as RLockContract } from '../contracts/lock.js'
import { NotOwnerError, StateError, TimeoutError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import { isTold, tellOwnerDied } from '../log/owner-died.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Line } from './async-waiters.js'
import { Guard } from './guard.js'
import { checkFunction, holdingSync } from './holding.js'
import { ownerDied, stealsOf } from './lock.js'
import { Acquired, FREE, holderOf, isHeld, lockSlow, MUTEX_WORDS, tryLock, tryLockSlow, unlock } from './mutex.js'
import { spinLock } from './spin.js'
import { type SurrenderableLock, type Surrendered, SurrenderedHold } from './surrender.js'
import { asyncWaiter, runSync, type Suspending, syncWaiter, type Waiter } from './suspend.js'

/** Who holds it in this agent: its synchronous code, one guard from `acquire()`, or a flow. */
type Holder = 'agent' | 'guard' | 'flow'

/** From the first acquire to the release of the last level. The shared word knows agents only; what their code does among itself is here. */
interface Hold {
  readonly by: Holder
  depth: number
}

/**
 * The flows that this code runs inside of. Created on first use: the first `run()` in a process makes every `await` on Node 20 and 22 several times
 * slower, so programs without async `runExclusive` on an RLock never pay.
 */
let flows: AsyncLocalStorage<ReadonlyMap<object, Hold>> | undefined

/** Where an RLock lives: in a block of its own, or inside another object's (a Value's lock), which it then keeps alive. */
export type Home = { readonly block: Block; readonly at: number; readonly within?: Shareable }

/** @see RLockContract */
export class RLock implements RLockContract, SurrenderableLock {
  readonly #agent: Agent
  readonly #home: Home
  readonly #words: Int32Array
  readonly #at: number
  readonly #steals: boolean
  #line: Line | undefined
  #hold: Hold | undefined

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
    return this.#acquire(options, 'the options of acquire()', 'guard', this.#steals)
  }

  recover(options?: WaitOptions): Promise<Guard> {
    return this.#acquire(options, 'the options of recover()', 'guard', true)
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    return this.#acquireSync(syncDeadline(options, 'the options of acquireSync()'), this.#steals)
  }

  recoverSync(options?: SyncWaitOptions): Guard {
    return this.#acquireSync(syncDeadline(options, 'the options of recoverSync()'), true)
  }

  tryAcquire(): Guard | undefined {
    this.#agent.assertOpen()
    if (this.#mayReenter('agent')) return this.#reenter()
    if (tryLock(this.#agent, this.#words, this.#at)) return this.#enter('agent', false)
    const seen = holderOf(this.#words, this.#at)
    const outcome = tryLockSlow(this.#agent, this.#words, this.#at, this.#steals)
    return outcome === Acquired.no ? undefined : this.#settle(outcome, 'agent', seen)
  }

  release(): void {
    this.#agent.assertOpen()
    if (!this.isHeldHere()) {
      throw new NotOwnerError('release() of an RLock that this flow does not hold; only its holder may release it')
    }
    this.#leave(this.#hold as Hold)
  }

  isHeldHere(): boolean {
    const hold = this.#hold
    return hold !== undefined && (hold.by !== 'flow' || flows?.getStore()?.get(this) === hold)
  }

  surrender(): Surrendered {
    const hold = this.#hold as Hold
    this.#hold = undefined
    unlock(this.#agent, this.#words, this.#at)
    this.#line ??= new Line()
    return new SurrenderedHold(this.#agent, 'RLock', this.#words, this.#at, this.#steals, this.#line, () => {
      this.#hold = hold
      // All its guards were released meanwhile, so nobody would.
      if (hold.depth === 0) this.#end()
    })
  }

  get locked(): boolean {
    this.#agent.assertOpen()
    return isHeld(this.#words, this.#at)
  }

  runExclusive<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction(fn, 'runExclusive()')
    return this.#holding(this.#acquire(options, 'the options of runExclusive()', 'flow', this.#steals), fn)
  }

  runExclusiveSync<T>(fn: () => T, options?: SyncWaitOptions): T {
    checkFunction(fn, 'runExclusiveSync()')
    return holdingSync(this.acquireSync(options), fn)
  }

  [SHARE](): Handle {
    const { within, block } = this.#home
    if (within) return { agent: this.#agent, kind: KindId.memberLock, id: 0, data: [], parts: [within] } as Handle
    return this.#agent.share(this, block, [this.#steals ? 1 : 0])
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('RLock', () => ({ locked: this.locked }), how)
  }

  /** Runs `fn` as (part of) the flow that holds the lock now. */
  async #holding<T>(acquired: Promise<Guard>, fn: () => T | PromiseLike<T>): Promise<T> {
    const guard = await acquired
    flows ??= new AsyncLocalStorage()
    const inside = new Map(flows.getStore() ?? []).set(this, this.#hold as Hold)
    try {
      return await flows.run(inside, fn)
    } finally {
      guard.release()
    }
  }

  /** Whether the calling code is inside the flow that holds it, or it is held by the agent and `as` is the agent. */
  #mayReenter(as: Holder): boolean {
    const hold = this.#hold
    if (hold === undefined) return false
    return (hold.by === 'agent' && as === 'agent') || flows?.getStore()?.get(this) === hold
  }

  #acquire(options: WaitOptions | undefined, what: string, as: Holder, steal: boolean): Promise<Guard> {
    checkOptions(options, what)
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#agent.assertOpen()
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#mayReenter(as)) return Promise.resolve(this.#reenter())
    if ((this.#line?.isEmpty ?? true) && tryLock(this.#agent, this.#words, this.#at))
      return Promise.resolve(this.#enter(as, false))
    this.#line ??= new Line()
    return this.#agent.waiters.run(this.#line, this.#acquireSlow(asyncWaiter(this.#agent), as, steal), deadline, signal)
  }

  #acquireSync(deadline: number, steal: boolean): Guard {
    const agent = this.#agent
    agent.assertMayBlock()
    if (this.#mayReenter('agent')) return this.#reenter()
    if (tryLock(agent, this.#words, this.#at)) return this.#enter('agent', false)
    if (this.#hold !== undefined && deadline === Number.POSITIVE_INFINITY) {
      throw new StateError(
        'this thread already holds the RLock, in another async flow: waiting for it synchronously would block the very flow that must release it. Use the async form',
      )
    }
    if (spinLock(agent, this.#words, this.#at)) return this.#enter('agent', false)
    return runSync(agent, this.#acquireSlow(syncWaiter(agent), 'agent', steal), deadline)
  }

  *#acquireSlow(waiter: Waiter, as: Holder, steal: boolean): Suspending<Guard> {
    const before = isTold() ? holderOf(this.#words, this.#at) : FREE
    const outcome = yield* lockSlow(this.#agent, this.#words, this.#at, waiter, steal)
    return this.#settle(outcome, as, outcome === Acquired.fromTheDead ? before : holderOf(this.#words, this.#at))
  }

  #settle(outcome: Acquired, as: Holder, seen: number): Guard {
    switch (outcome) {
      case Acquired.yes:
        return this.#enter(as, false)
      case Acquired.fromTheDead:
        tellOwnerDied(this.#agent, 'RLock', seen, true)
        return this.#enter(as, true)
      case Acquired.ownerDied:
        tellOwnerDied(this.#agent, 'RLock', seen, false)
        throw ownerDied(this.#agent, seen)
      case Acquired.no:
        throw new TimeoutError('the lock was not released in time')
    }
  }

  #enter(by: Holder, ownerDied: boolean): Guard {
    const hold = { by, depth: 1 }
    this.#hold = hold
    return new Guard({ releaseHold: () => this.#leave(hold) }, ownerDied)
  }

  #reenter(): Guard {
    const hold = this.#hold as Hold
    hold.depth++
    return new Guard({ releaseHold: () => this.#leave(hold) }, false)
  }

  /** Gives up one level of a hold, unless all of them were given up by `release()`. */
  #leave(hold: Hold): void {
    if (hold.depth === 0 || --hold.depth > 0) return
    // A Condition's wait() has given it up for now, and will not take it back.
    if (hold === this.#hold) this.#end()
  }

  #end(): void {
    this.#hold = undefined
    unlock(this.#agent, this.#words, this.#at)
  }

  static attach(agent: Agent, block: Block, handle: Handle): RLock {
    return new RLock(agent, { block, at: block.at }, handle.data[0] === 1)
  }
}

defineKind(KindId.rlock, { attach: (agent, block, handle) => RLock.attach(agent, block as Block, handle) })
