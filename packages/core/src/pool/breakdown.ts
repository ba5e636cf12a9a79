import type { Job } from './executor.js'

/** After so many workers in a row that did not come to work, the pool gives up; after as many for one job, that job. */
export const MOST_FAILED_STARTS = 3

/** Whether a pool can have workers at all. It has broken down when it is known that none will ever come to work. */
export class Breakdown {
  #failedStarts = 0
  #reason: { readonly error: unknown } | undefined
  /** Jobs that came afterwards, and are to be told so. */
  readonly #unserved: Job[] = []
  readonly #onTold: (() => void) | undefined

  /** @param onTold called when all jobs that came too late have been told */
  constructor(onTold?: () => void) {
    this.#onTold = onTold
  }

  /** Why there can be no workers any more. */
  get reason(): { readonly error: unknown } | undefined {
    return this.#reason
  }

  /** Whether jobs wait to be told. */
  get isTelling(): boolean {
    return this.#unserved.length > 0
  }

  /** A worker ended before it came to work. Returns whether that was one too many in a row. */
  startFailed(): boolean {
    return ++this.#failedStarts >= MOST_FAILED_STARTS
  }

  started(): void {
    this.#failedStarts = 0
  }

  /** There will be no workers. The first reason counts. */
  declare(error: unknown): void {
    this.#reason ??= { error }
  }

  /** A job that came too late: it is lost, but not before its call has returned. */
  refuse(job: Job): void {
    if (this.#unserved.push(job) === 1) queueMicrotask(() => this.tell())
  }

  /** Tells the jobs that came too late, now. */
  tell(): void {
    if (!this.#reason || this.#unserved.length === 0) return
    const { error } = this.#reason
    for (const job of this.#unserved.splice(0)) job.settle({ kind: 'lost', error })
    this.#onTold?.()
  }
}
