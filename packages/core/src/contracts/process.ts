import type { SyncWaitOptions, WaitOptions } from '../options.js'
import type { Target } from '../target/task.js'

// biome-ignore lint/suspicious/noExplicitAny: as in Target
export interface ProcessOptions<A extends unknown[] = any[]> {
  /** What it runs. */
  readonly target: Target<A>
  /** The target's arguments. */
  readonly args?: A | undefined
  /** Default: `Process-N`, counted per agent. */
  readonly name?: string | undefined
  /** Daemons are terminated when their parent has nothing more to do, and may not start processes. */
  readonly daemon?: boolean | undefined
  /** Laid over the parent's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** One agent of the family, as others may know it. */
export interface ProcessInfo {
  readonly name: string
  /** OS pid, or thread id; `null` before start. */
  readonly pid: number | null
  readonly daemon: boolean
  isAlive(): boolean
}

/** A function that runs in an agent of its own: a thread or an OS process, as the backend says. */
export interface Process extends ProcessInfo {
  /**
   * `null` before the end; N for `process.exit(N)`; 1 for an uncaught error; -15 after `terminate()`, -9 after `kill()`; -N for signal N.
   */
  readonly exitCode: number | null
  /** What the target threw, as it was; `undefined` where nothing was. */
  readonly error: unknown
  /** Starts it; returns at once. @throws StateError the second time, in a daemon, and where a main script starts processes without a guard */
  start(): this
  /** Waits for its end; gives the exit code. Repeatable. @throws TimeoutError, and it goes on */
  join(options?: WaitOptions): Promise<number>
  /** As `join`, blocking this thread. */
  joinSync(options?: SyncWaitOptions): number
  /** Ends it wherever it is. */
  terminate(): void
  /** Ends it wherever it is. */
  kill(): void
  /** Lets go of it. @throws StateError while it runs */
  close(): void
  [Symbol.asyncDispose](): Promise<void>
}
