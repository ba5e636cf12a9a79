import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { ModuleReference, Target } from '../target/task.js'
import type { ProcessInfo } from './process.js'

export interface PoolOptions {
  /** How many workers. Default: `cpuCount()`. */
  readonly processes?: number | undefined
  /** Runs in each worker before its first task. */
  readonly initializer?: Target | undefined
  readonly initargs?: readonly unknown[] | undefined
}

/** What has been done of a `map`, in items. */
export interface Progress {
  readonly done: number
  readonly total: number
}

export interface SyncMapOptions extends SyncWaitOptions {
  /** Items that go to one worker together. Default: `ceil(n / (4 × processes))`. */
  readonly chunksize?: number | undefined
}

export interface MapOptions extends WaitOptions, SyncMapOptions {
  /** Called after each chunk. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

type Input<T> = Iterable<T> | AsyncIterable<T>
type Mapper<T, R> = ((item: T) => R | Promise<R>) | ModuleReference
type Spread<A extends unknown[], R> = ((...args: A) => R | Promise<R>) | ModuleReference

/**
 * Workers that run functions for others. A call is over with its result, its error, its timeout, its abort, or the death of its worker: none hangs, and none
 * harms another.
 */
export interface Pool {
  /**
   * Runs `fn` on every item; the results in the order of the items. Rejects, when all are done, with the error of the first item that failed.
   * @throws TargetError, NotCloneableError at the call; WorkerDiedError when a worker died with some of it in hand; TimeoutError; ClosedError
   */
  map<T, R>(fn: Mapper<T, R>, items: Input<T>, options?: MapOptions): Promise<R[]>
  /** As `map`, with the elements of each item as arguments. */
  starmap<A extends unknown[], R>(fn: Spread<A, R>, items: Input<A>, options?: MapOptions): Promise<R[]>
  /** Runs `fn` once. */
  apply<A extends unknown[], R>(fn: Spread<A, R>, args?: readonly [...A], options?: WaitOptions): Promise<R>
  /** As `map`, blocking this thread: no turn of its event loop. */
  mapSync<T, R>(fn: Mapper<T, R>, items: Iterable<T>, options?: SyncMapOptions): R[]
  /** As `apply`, blocking this thread. */
  applySync<A extends unknown[], R>(fn: Spread<A, R>, args?: readonly [...A], options?: SyncWaitOptions): R
  /** No more calls; those pending go on. */
  close(): void
  /** Waits until all calls are over and all workers gone. @throws StateError before `close` or `terminate` */
  join(options?: WaitOptions): Promise<void>
  /** Rejects what is pending with a ClosedError and ends the workers; resolves when they are gone. */
  terminate(): Promise<void>
  /** How many workers it has. */
  readonly processes: number
  /** The workers at this moment. */
  readonly workers: readonly ProcessInfo[]
  [Symbol.asyncDispose](): Promise<void>
}
