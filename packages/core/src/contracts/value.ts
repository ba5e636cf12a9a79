import type { LockChoice } from '../data/member-lock.js'
import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { Lock } from './lock.js'

export interface ValueOptions {
  /** `true` (default): an RLock of its own; `false`: none (Python's RawValue); or a lock to share with others. */
  readonly lock?: LockChoice | undefined
}

/** One number that all agents of a family see. 64-bit integers are bigints. */
export interface Value<T extends number | bigint = number> {
  /**
   * The number itself. Reading and writing are two steps: `v.value++` from two agents loses updates, unless they hold the lock.
   * @throws TypeError, RangeError on assigning what the type cannot hold
   */
  value: T
  /** The lock that belongs to it; `undefined` with `{ lock: false }`. */
  readonly lock: Lock | undefined
  /** Runs `fn` while holding `lock`. @throws StateError where there is none */
  runExclusive<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R>
  /** Runs `fn` while holding `lock`. @throws StateError where there is none */
  runExclusiveSync<R>(fn: () => R, options?: SyncWaitOptions): R
  /** Adds in one atomic step, wrapping as `Atomics.add`; returns the value before. */
  add(operand: T): T
  /** Subtracts in one atomic step, wrapping as `Atomics.sub`; returns the value before. */
  sub(operand: T): T
  /** Integers only. Returns the value before. */
  and(operand: T): T
  /** Integers only. Returns the value before. */
  or(operand: T): T
  /** Integers only. Returns the value before. */
  xor(operand: T): T
  /** Stores in one atomic step; returns the value before. */
  exchange(value: T): T
  /** Stores `value` if the present one is `expected` (floats: the same bits); returns the one found. */
  compareExchange(expected: T, value: T): T
}
