import type { Agent } from '../agent.js'
import type { Lock as LockContract, LockOptions } from '../contracts/lock.js'
import { NotOwnerError, OwnerDiedError, TimeoutError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import { isTold, tellOwnerDied } from '../log/owner-died.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, shown, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { type Handle, SHARE } from '../wire/shareable.js'
import { Line } from './async-waiters.js'
import { Guard } from './guard.js'
import { checkFunction, holding, holdingSync } from './holding.js'
import { Acquired, FREE, holderOf, isHeld, lockSlow, MUTEX_WORDS, tryLock, tryLockSlow, unlock } from './mutex.js'
import { spinLock } from './spin.js'
import { type SurrenderableLock, type Surrendered, SurrenderedHold } from './surrender.js'
import { asyncWaiter, runSync, type Suspending, syncWaiter, type Waiter } from './suspend.js'

const NONE = 0

/** @see LockContract */
export class Lock implements LockContract, SurrenderableLock {
  readonly #agent: Agent
  readonly #block: Block
  readonly #words: Int32Array
  readonly #at: number
  /** Whether an acquire takes over from a dead holder. */
  readonly #steals: boolean
  #line: Line | undefined
  /** Counts the holds that began in this agent. */
  #holds = 0
  /** The one that lasts, unless it was ended by another agent: a guard of any other ends nothing. */
  #hold: number = NONE
  /** Those given up for now by a Condition's `wait()`. */
  #surrendered: Set<number> | undefined

  private constructor(agent: Agent, block: Block, steals: boolean) {
    this.#agent = agent
    this.#block = block
    this.#words = block.views.i32
    this.#at = block.at
    this.#steals = steals
  }

  static create(agent: Agent, options?: LockOptions): Lock {
    const steals = stealsOf(options)
    const lock = new Lock(agent, agent.allocate(KindId.lock, MUTEX_WORDS * 4), steals)
    agent.adopt(lock, lock.#block)
    return lock
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#acquire(options, 'the options of acquire()', this.#steals)
  }

  recover(options?: WaitOptions): Promise<Guard> {
    return this.#acquire(options, 'the options of recover()', true)
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    this.#agent.assertMayBlock()
    if (options === undefined && tryLock(this.#agent, this.#words, this.#at)) return this.#held(false)
    return this.#acquireSync(syncDeadline(options, 'the options of acquireSync()'), this.#steals)
  }

  recoverSync(options?: SyncWaitOptions): Guard {
    this.#agent.assertMayBlock()
    return this.#acquireSync(syncDeadline(options, 'the options of recoverSync()'), true)
  }

  tryAcquire(): Guard | undefined {
    this.#agent.assertOpen()
    if (tryLock(this.#agent, this.#words, this.#at)) return this.#held(false)
    const seen = holderOf(this.#words, this.#at)
    const outcome = tryLockSlow(this.#agent, this.#words, this.#at, this.#steals)
    return outcome === Acquired.no ? undefined : this.#outcome(outcome, seen)
  }

  release(): void {
    this.#agent.assertOpen()
    this.#hold = NONE
    if (!unlock(this.#agent, this.#words, this.#at)) throw new NotOwnerError('release() of a lock that nobody holds')
  }

  releaseHold(hold: number): void {
    if (hold === this.#hold) unlock(this.#agent, this.#words, this.#at, true)
    else this.#surrendered?.delete(hold)
  }

  isHeldHere(): boolean {
    return holderOf(this.#words, this.#at) === this.#agent.tag
  }

  surrender(): Surrendered {
    const hold = this.#hold
    this.#surrendered ??= new Set()
    const surrendered = this.#surrendered.add(hold)
    this.#hold = NONE
    unlock(this.#agent, this.#words, this.#at, true)
    this.#line ??= new Line()
    return new SurrenderedHold(this.#agent, 'Lock', this.#words, this.#at, this.#steals, this.#line, () => {
      this.#hold = hold
      // Its guard was released meanwhile, so nobody would.
      if (!surrendered.delete(hold)) this.releaseHold(hold)
    })
  }

  get locked(): boolean {
    this.#agent.assertOpen()
    return isHeld(this.#words, this.#at)
  }

  runExclusive<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction(fn, 'runExclusive()')
    return holding(this.#acquire(options, 'the options of runExclusive()', this.#steals), fn)
  }

  runExclusiveSync<T>(fn: () => T, options?: SyncWaitOptions): T {
    checkFunction(fn, 'runExclusiveSync()')
    return holdingSync(this.acquireSync(options), fn)
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block, [this.#steals ? 1 : 0])
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('Lock', () => ({ locked: this.locked }), how)
  }

  #acquire(options: WaitOptions | undefined, what: string, steal: boolean): Promise<Guard> {
    checkOptions(options, what)
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#agent.assertOpen()
    if (signal?.aborted) return Promise.reject(signal.reason)
    // Behind those of this agent who wait already there is no overtaking.
    if ((this.#line?.isEmpty ?? true) && tryLock(this.#agent, this.#words, this.#at)) return Promise.resolve(this.#held(false))
    this.#line ??= new Line()
    return this.#agent.waiters.run(this.#line, this.#acquireSlow(asyncWaiter(this.#agent), steal), deadline, signal)
  }

  #acquireSync(deadline: number, steal: boolean): Guard {
    const agent = this.#agent
    if (tryLock(agent, this.#words, this.#at) || spinLock(agent, this.#words, this.#at)) return this.#held(false)
    return runSync(agent, this.#acquireSlow(syncWaiter(agent), steal), deadline)
  }

  *#acquireSlow(waiter: Waiter, steal: boolean): Suspending<Guard> {
    const before = isTold() ? holderOf(this.#words, this.#at) : FREE
    const outcome = yield* lockSlow(this.#agent, this.#words, this.#at, waiter, steal)
    return this.#outcome(outcome, outcome === Acquired.fromTheDead ? before : holderOf(this.#words, this.#at))
  }

  #held(ownerDied: boolean): Guard {
    this.#hold = ++this.#holds
    return new Guard(this, ownerDied, this.#hold)
  }

  /** What an attempt that came to an end gives the caller. */
  #outcome(outcome: Acquired, seen: number): Guard {
    switch (outcome) {
      case Acquired.yes:
        return this.#held(false)
      case Acquired.fromTheDead:
        tellOwnerDied(this.#agent, 'Lock', seen, true)
        return this.#held(true)
      case Acquired.ownerDied:
        tellOwnerDied(this.#agent, 'Lock', seen, false)
        throw ownerDied(this.#agent, seen)
      case Acquired.no:
        throw new TimeoutError('the lock was not released in time')
    }
  }

  static attach(agent: Agent, block: Block, handle: Handle): Lock {
    return new Lock(agent, block, handle.data[0] === 1)
  }
}

defineKind(KindId.lock, { attach: (agent, block, handle) => Lock.attach(agent, block as Block, handle) })

/** @throws TypeError for an unknown `onOwnerDeath` */
export function stealsOf(options: LockOptions | undefined): boolean {
  const onOwnerDeath = checkOptions(options, 'the options of a lock')?.onOwnerDeath
  if (onOwnerDeath !== undefined && onOwnerDeath !== 'throw' && onOwnerDeath !== 'recover') {
    throw new TypeError(`onOwnerDeath must be 'throw' or 'recover'; got ${shown(onOwnerDeath)}`)
  }
  return onOwnerDeath === 'recover'
}

/** The error for a lock whose holder had this tag. */
export function ownerDied(agent: Agent, tag: number): OwnerDiedError {
  const name = agent.family.nameOf(tag)
  return new OwnerDiedError(
    `${name === undefined ? 'the process' : `the process '${name}'`} that held the lock died without releasing it, so what the lock guards may be half-written. Call recover() to take the lock over and mend the data, or make the lock with { onOwnerDeath: 'recover' }`,
  )
}
