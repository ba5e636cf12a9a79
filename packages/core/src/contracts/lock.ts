import type { SyncWaitOptions, WaitOptions } from '../options.js'

/** The right to be in a critical section, given back by `release()`, or at the end of the scope by `using`. */
export interface Guard {
  /** Whether the last holder died without releasing: the data may be half-written. */
  readonly ownerDied: boolean
  /** Releases once; further calls do nothing. */
  release(): void
  [Symbol.dispose](): void
}

/** What everything of the lock family does. */
export interface Lockable {
  /**
   * Waits until the lock is this agent's.
   * @throws TimeoutError when time ran out; OwnerDiedError when the holder died
   */
  acquire(options?: WaitOptions): Promise<Guard>
  /** As `acquire`, blocking this thread. */
  acquireSync(options?: SyncWaitOptions): Guard
  /** Takes it now or never: `undefined` where another holds it. */
  tryAcquire(): Guard | undefined
  /** @throws NotOwnerError where it is not held; nothing changes then */
  release(): void
  /** Whether anyone holds it at this moment. */
  readonly locked: boolean
  /** Runs `fn` while holding the lock; released when what `fn` returned has settled. */
  runExclusive<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  /** Runs `fn` while holding the lock. */
  runExclusiveSync<T>(fn: () => T, options?: SyncWaitOptions): T
}

export interface LockOptions {
  /**
   * What an acquire does after the holder died: `'throw'` (default) an OwnerDiedError until someone calls `recover()`;
   * `'recover'` succeeds, with `guard.ownerDied` true.
   */
  readonly onOwnerDeath?: 'throw' | 'recover'
}

/** Mutual exclusion among all agents of a family. Not re-entrant; any agent may release it, as in Python. */
export interface Lock extends Lockable {
  /** Acquires it whatever its state, a dead holder included; `guard.ownerDied` says which. */
  recover(options?: WaitOptions): Promise<Guard>
  /** As `recover`, blocking this thread. */
  recoverSync(options?: SyncWaitOptions): Guard
}

/**
 * A lock that its holder may acquire again. Who holds it: the flow inside `runExclusive(fn)`, with all its async continuations; or the agent, by
 * `acquireSync`. Only the holder may release.
 */
export interface RLock extends Lock {}
