import type { ElementName } from '../data/element-type.js'
import type { LockChoice } from '../data/member-lock.js'
import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { Lock } from './lock.js'

export interface ArrayOptions {
  /** `true` (default): an RLock of its own; `false`: none (Python's RawArray); or a lock to share with others. */
  readonly lock?: LockChoice | undefined
}

/** The typed array of each element type. */
export interface TypedArrays {
  int8: Int8Array
  uint8: Uint8Array
  int16: Int16Array
  uint16: Uint16Array
  int32: Int32Array
  uint32: Uint32Array
  int64: BigInt64Array
  uint64: BigUint64Array
  float32: Float32Array
  float64: Float64Array
}

/** What a shared array has beyond a typed array. */
export interface SharedArrayMembers {
  /** The lock that belongs to it; `undefined` with `{ lock: false }`. */
  readonly lock: Lock | undefined
  /** Runs `fn` while holding `lock`. @throws StateError where there is none */
  runExclusive<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R>
  /** Runs `fn` while holding `lock`. @throws StateError where there is none */
  runExclusiveSync<R>(fn: () => R, options?: SyncWaitOptions): R
}

/**
 * Numbers that all agents of a family see: a typed array, at a typed array's speed. Methods that make a new array (`map`, `slice`, `filter`) return a private
 * one; `subarray` shares. Its `buffer` belongs to multiproc, may be larger than the array, and is never to be transferred.
 */
export type SharedArray<T extends ElementName = 'float64'> = Omit<TypedArrays[T], 'subarray'> &
  SharedArrayMembers & {
    subarray(begin?: number, end?: number): SharedArray<T>
    [index: number]: TypedArrays[T][number]
  }
