import type { PoolStats } from '../contracts/pool.js'
import { type Job, Mode } from './executor.js'
import { Histogram } from './histogram.js'

/** Calls of the target that a job stands for: the unit of statistics. */
export function tasksOf({ mode, args }: Job): number {
  return mode === Mode.call ? 1 : args.length
}

/** What an executor counts. */
export class Statistics {
  #completed = 0
  #failed = 0
  readonly #waitTime = new Histogram()
  readonly #runTime = new Histogram()

  /**
   * A job has been run.
   * @param failures how many of its tasks failed
   * @param waited ms until a worker took it
   * @param ran ms for all of its tasks
   */
  ran(tasks: number, failures: number, waited: number, ran: number): void {
    this.#completed += tasks - failures
    this.#failed += failures
    this.#waitTime.record(waited, tasks)
    this.#runTime.record(ran / tasks, tasks)
  }

  /** A job was lost with its worker. */
  lost(tasks: number): void {
    this.#failed += tasks
  }

  snapshot(queued: number, running: number): PoolStats {
    return {
      queued,
      running,
      completed: this.#completed,
      failed: this.#failed,
      waitTime: this.#waitTime.snapshot(),
      runTime: this.#runTime.snapshot(),
    }
  }
}
