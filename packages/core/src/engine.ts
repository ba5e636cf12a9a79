import type { Child, Exit } from './backend.js'

/**
 * The third seam: a pool of threads that others wrote, for a backend that is a pool already. It has its own workers, queue and limits; what it is given to run
 * are numbers, whose meaning lies in shared memory: so it can neither lose nor change what travels.
 */
export interface Engine<E extends object = object> {
  /** What `pool.engine` gives. */
  readonly instance: E
  /** The most workers that it will have. */
  readonly size: number
  /** How many tasks it gives to one worker at a time. */
  readonly concurrency: number
  /** Whether the pool made it, and ends it; otherwise it belongs to the application. */
  readonly owned: boolean
  /**
   * How its workers are told of a pool. `at-start`: before any job, because each loads `engineHandler` before it is ready. `when-needed`: by jobs, while there are workers that
   * do not know it; one that is given another job says so in answer, and is given it again. `with-jobs`: by each job, because a worker may be gone after its first answer.
   */
  readonly introduces: 'at-start' | 'when-needed' | 'with-jobs'
  /** Of what the backend is made in a worker: `engineHandler`. Plain data. */
  readonly options: unknown
  /**
   * Has a worker's `engineHandler` called with the message; gives what that returns.
   * @throws (rejects) the engine's own error, where it has no room, was closed, or the worker died: see {@link explain}
   */
  run(message: unknown): Promise<unknown>
  /** What `run` rejected with, told apart: QueueFullError where the engine's queue was full, ClosedError where the engine was closed, the same otherwise. */
  explain(error: unknown): unknown
  /** Its workers at this moment; the same object for a worker every time. */
  readonly workers: readonly EngineWorker[]
  /** Calls back after workers have come into being. Returns how to stop that. */
  watch(onWorkers: () => void): () => void
  /** Has it start a worker where tasks wait and none is there to take them. */
  stir(): void
  /** Ends it with its workers, whatever they do. */
  end(): void
}

/** A thread of an engine. */
export interface EngineWorker extends Child {
  /** `false` where it is known that it has not come to load what the engine has it load. */
  readonly isReady: boolean
  /** Sends `engineHandler` something about a pool; as soon as it can be there, where the engine is still loading it. */
  introduce(introduction: unknown): void
  /** Returns how to stop that. */
  onExit(listener: (exit: Exit) => void): () => void
}
