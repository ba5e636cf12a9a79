import type { PoolStats } from '../contracts/pool.js'
import type { ProcessInfo } from '../contracts/process.js'
import type { TargetDescription } from '../target/describe.js'

/**
 * What runs a pool's jobs: workers of core's own (`worker-executor.ts`), or an engine, where a backend is a pool already (`engine-executor.ts`). Chunking, order, progress and errors are not its business: it runs jobs, each once, and tells what became of them.
 */
export interface Executor {
  /**
   * Takes jobs, all of them or none; their `settle` is called when they are over, which may be before this returns.
   * @throws NotCloneableError for their arguments, with a path from `args` or from the `items` of that job; then nothing was taken
   */
  submit(jobs: readonly Job[]): void
  /**
   * Jobs that nobody wants any more: what is queued is dropped, at the end of this turn of the event loop at the latest. Their `settle` may be called all the same.
   * @param running whether what runs is ended with its worker; otherwise it goes on, for nobody
   */
  cancel(jobs: readonly Job[], running: boolean): void
  /** Of the `blocking` executor: blocks this thread until `isDone`, which changes as jobs settle. `false` when time ran out. */
  waitSync(isDone: () => boolean, deadline: number): boolean
  /**
   * After `close` or `terminate`: blocks this thread until what these promise has come about. `false` when time ran out. Only where this one is `blocking` itself in any case: its workers
   * need nothing of this thread.
   */
  joinSync?(deadline: number): boolean
  /** Takes no more jobs; resolves when those it has are settled and its workers have ended. */
  close(): Promise<void>
  /** Ends the workers at once; resolves when they have ended. Pending jobs are settled by nobody. */
  terminate(): Promise<void>
  readonly workers: readonly ProcessInfo[]
  /** `Statistics` keeps them. */
  readonly stats: PoolStats
  /** The one to give jobs to that this thread will be blocked for: this one, or another where its workers need this thread's event loop. */
  readonly blocking: Executor
}

/** How a job's arguments are given to its target. */
export const Mode = {
  /** Once: `target(...args)`. */
  call: 0,
  /** For each: `target(arg)`. */
  each: 1,
  /** For each: `target(...arg)`. */
  spread: 2,
} as const
export type Mode = (typeof Mode)[keyof typeof Mode]

/** A piece of work for one worker. */
export interface Job {
  readonly target: TargetDescription
  readonly mode: Mode
  readonly args: readonly unknown[]
  /** Index of its first argument among all items of the call. */
  readonly start: number
  /** By which an executor knows it; 0: none has it yet. The executor's to set. */
  ticket: number
  settle(outcome: Outcome): void
}

/** What became of a job. `values[i]` belongs to `args[i]`; in mode `call` there is one. */
export type Outcome =
  | { readonly kind: 'done'; readonly values: readonly unknown[]; readonly failures: readonly Failure[] }
  /** It never came to an end: its worker died, or none could be started. */
  | { readonly kind: 'lost'; readonly error: unknown }

/** What was thrown for one argument. */
export interface Failure {
  readonly index: number
  readonly thrown: unknown
}
