import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { ModuleReference, Target } from '../target/task.js'
import type { AsyncResult } from './async-result.js'
import type { ProcessInfo } from './process.js'

export interface PoolOptions {
  /** How many workers. Default: `cpuCount()`. */
  readonly processes?: number | undefined
  /** Runs in each worker before its first task. */
  readonly initializer?: Target | undefined
  readonly initargs?: readonly unknown[] | undefined
  /**
   * Chunks after which a worker ends and another one takes its place, so that what tasks leave behind does not grow for ever; a call of `apply` is one. Its successor is
   * started while the last chunk is being done. Default: no limit.
   */
  readonly maxTasksPerChild?: number | undefined
  /**
   * Calls, or chunks, that a worker has in hand at once: async tasks overlap while they wait. Default: 1.
   *
   * Above 1, a worker's death costs all that it had in hand. A task that is cancelled while it runs is then given up, not ended: its worker takes no more, is replaced at
   * once, and is ended when what else it has in hand is done. Only where the cancelled task keeps the thread to itself without an `await`, so that half a second later the
   * others still could not go on, the worker is ended under them.
   */
  readonly concurrency?: number | undefined
}

/** Times of tasks, in ms. All zero where there were none. Percentiles are to 3 %. */
export interface TimeHistogram {
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** What a pool has done and is doing, in tasks: a call of `apply`, an item of `map` and its siblings. */
export interface PoolStats {
  /** Waiting for a worker. */
  readonly queued: number
  /** In the hands of a worker, which does the items of a chunk one after the other. */
  readonly running: number
  /** Ended well. */
  readonly completed: number
  /** Threw, or were lost with their worker. Those that were cancelled count nowhere. */
  readonly failed: number
  /** From the call to the moment when a worker took it; the same for all items that were taken together. */
  readonly waitTime: TimeHistogram
  /** In the worker; for items that were taken together, their share. */
  readonly runTime: TimeHistogram
}

/** What has been done of a `map`, in items. */
export interface Progress {
  readonly done: number
  readonly total: number
}

export interface SyncMapOptions extends SyncWaitOptions {
  /** Items that go to one worker together. Default: `ceil(n / (4 × processes))`. */
  readonly chunksize?: number | undefined
  /** Called after each chunk. What it throws is an uncaught exception of the program. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** `true`: every item gives `{ status, value }` or `{ status, reason }`, as `Promise.allSettled` does, and no item makes the call reject. */
  readonly settled?: false | undefined
}

export interface MapOptions extends WaitOptions, SyncMapOptions {}

export interface IterateOptions extends WaitOptions {
  /** Items that go to one worker, and come back, together. Default: 1. */
  readonly chunksize?: number | undefined
  /** `true`: every item gives `{ status, value }` or `{ status, reason }`, as `Promise.allSettled` does, and no item ends the iteration. */
  readonly settled?: false | undefined
}

/** Makes failures results: of {@link MapOptions} and {@link IterateOptions}. */
export type Settled<O> = Omit<O, 'settled'> & { readonly settled: true }

/** Functions called on the event loop, once, when a call is over. What they throw is an uncaught exception of the program; the pool goes on. */
export interface ResultCallbacks<R> {
  /** Given the result. */
  readonly callback?: ((value: R) => unknown) | undefined
  /** Given what the call failed with. */
  readonly errorCallback?: ((error: unknown) => unknown) | undefined
}

/** Results as they are asked for. Leaving a `for await` early ends it. */
export interface ResultIterator<R> extends AsyncIterableIterator<R, undefined, undefined> {
  /** No more: the input's `return` is called, what is queued is dropped, and what runs goes on for nobody. Rejects with what the input's `return` throws. */
  return(): Promise<IteratorReturnResult<undefined>>
  /** As `return`, and rejects with `error`. */
  throw(error?: unknown): Promise<IteratorReturnResult<undefined>>
  [Symbol.asyncIterator](): this
  [Symbol.asyncDispose](): Promise<void>
}

type Input<T> = Iterable<T> | AsyncIterable<T>
type Mapper<T, R> = ((item: T) => R | Promise<R>) | ModuleReference
type Spread<A extends unknown[], R> = ((...args: A) => R | Promise<R>) | ModuleReference

/**
 * Workers that run functions for others. A call is over with its result, its error, its timeout, its abort, or the death of its worker: none hangs, and none
 * harms another.
 */
export interface Pool<E extends object | undefined = object | undefined> {
  /** As below; what fails is a result: `Promise.allSettled` for items. */
  map<T, R>(fn: Mapper<T, R>, items: Input<T>, options: Settled<MapOptions>): Promise<PromiseSettledResult<R>[]>
  /**
   * Runs `fn` on every item; the results in the order of the items. Rejects, when all are done, with the error of the first item that failed.
   * @throws TargetError, NotCloneableError at the call; WorkerDiedError when a worker died with some of it in hand; TimeoutError; ClosedError
   */
  map<T, R>(fn: Mapper<T, R>, items: Input<T>, options?: MapOptions): Promise<R[]>
  starmap<A extends unknown[], R>(
    fn: Spread<A, R>,
    items: Input<A>,
    options: Settled<MapOptions>,
  ): Promise<PromiseSettledResult<R>[]>
  /** As `map`, with the elements of each item as arguments. */
  starmap<A extends unknown[], R>(fn: Spread<A, R>, items: Input<A>, options?: MapOptions): Promise<R[]>
  /** Runs `fn` once. */
  apply<A extends unknown[], R>(fn: Spread<A, R>, args?: readonly [...A], options?: WaitOptions): Promise<R>
  imap<T, R>(fn: Mapper<T, R>, items: Input<T>, options: Settled<IterateOptions>): ResultIterator<PromiseSettledResult<R>>
  /**
   * As `map`, one result after the other, in the order of the items. It begins with the first request for a result, and pulls its input as results are taken: no more than a
   * few chunks for each worker are in hand, their unread results included. It ends
   * - at the first item that failed, with its error, after the results of those before it; a NotCloneableError is such an error, with a path from `items`;
   * - where the input throws, with that very error, after the results of what was pulled;
   * - with the TimeoutError or the signal's reason at once; `timeout` is one deadline for all of it, from the call;
   * - with a ClosedError when the pool is terminated. Once the pool is closed it no longer waits for results to be taken, so that `join()` does not either.
   *
   * However it ends, the input's `return` is called where it had more to give. An iterator that nobody holds any more is ended, too.
   */
  imap<T, R>(fn: Mapper<T, R>, items: Input<T>, options?: IterateOptions): ResultIterator<R>
  imapUnordered<T, R>(
    fn: Mapper<T, R>,
    items: Input<T>,
    options: Settled<IterateOptions>,
  ): ResultIterator<PromiseSettledResult<R>>
  /** As `imap`, the results in the order in which chunks are done. */
  imapUnordered<T, R>(fn: Mapper<T, R>, items: Input<T>, options?: IterateOptions): ResultIterator<R>
  /** As `apply`, returning at once. Bad arguments throw here; all else is told by the result and the callbacks. */
  applyAsync<A extends unknown[], R>(
    fn: Spread<A, R>,
    args?: readonly [...A],
    options?: WaitOptions & ResultCallbacks<R>,
  ): AsyncResult<R>
  mapAsync<T, R>(
    fn: Mapper<T, R>,
    items: Input<T>,
    options: Settled<MapOptions> & ResultCallbacks<PromiseSettledResult<R>[]>,
  ): AsyncResult<PromiseSettledResult<R>[]>
  /** As `map`, returning at once. */
  mapAsync<T, R>(fn: Mapper<T, R>, items: Input<T>, options?: MapOptions & ResultCallbacks<R[]>): AsyncResult<R[]>
  starmapAsync<A extends unknown[], R>(
    fn: Spread<A, R>,
    items: Input<A>,
    options: Settled<MapOptions> & ResultCallbacks<PromiseSettledResult<R>[]>,
  ): AsyncResult<PromiseSettledResult<R>[]>
  /** As `starmap`, returning at once. */
  starmapAsync<A extends unknown[], R>(
    fn: Spread<A, R>,
    items: Input<A>,
    options?: MapOptions & ResultCallbacks<R[]>,
  ): AsyncResult<R[]>
  mapSync<T, R>(fn: Mapper<T, R>, items: Iterable<T>, options: Settled<SyncMapOptions>): PromiseSettledResult<R>[]
  /** As `map`, blocking this thread: no turn of its event loop. */
  mapSync<T, R>(fn: Mapper<T, R>, items: Iterable<T>, options?: SyncMapOptions): R[]
  starmapSync<A extends unknown[], R>(
    fn: Spread<A, R>,
    items: Iterable<A>,
    options: Settled<SyncMapOptions>,
  ): PromiseSettledResult<R>[]
  /** As `starmap`, blocking this thread. */
  starmapSync<A extends unknown[], R>(fn: Spread<A, R>, items: Iterable<A>, options?: SyncMapOptions): R[]
  /** As `apply`, blocking this thread. */
  applySync<A extends unknown[], R>(fn: Spread<A, R>, args?: readonly [...A], options?: SyncWaitOptions): R
  /** No more calls; those pending go on. */
  close(): void
  /** Waits until all calls are over and all workers gone. @throws StateError before `close` or `terminate` */
  join(options?: WaitOptions): Promise<void>
  /**
   * The same, blocking this thread. Promises and callbacks of the calls follow when its event loop turns again.
   * @throws StateError before `close` or `terminate`, and after `close` where a call needs this thread's event loop to come to its end: items of a `map` that are still being
   * read (of anything but an array), an `imap` whose input has not all been handed over; NotSupportedError on an engine (`capabilities.poolSync`); TimeoutError
   */
  joinSync(options?: SyncWaitOptions): void
  /** Rejects what is pending with a ClosedError and ends the workers; resolves when they are gone. */
  terminate(): Promise<void>
  /** How many workers it has. */
  readonly processes: number
  /** The instance that it runs on, where the backend is a pool itself (`@multiproc/backend-piscina`); its metrics are its own. */
  readonly engine: E
  /** The workers at this moment; without those that take no more tasks. */
  readonly workers: readonly ProcessInfo[]
  /** Counts and times since it was made, as they are at this moment. */
  readonly stats: PoolStats
  [Symbol.asyncDispose](): Promise<void>
}
