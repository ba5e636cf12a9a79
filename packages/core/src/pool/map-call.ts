import type { Progress } from '../contracts/pool.js'
import type { TargetDescription } from '../target/describe.js'
import { type PendingCall, rethrown, Thrown } from './call.js'
import type { Executor, Job, Mode, Outcome } from './executor.js'
import { callBack } from './user-callback.js'

/** How a `map` is made. */
export interface MapPlan {
  readonly target: TargetDescription
  readonly mode: Mode
  readonly items: readonly unknown[]
  /** Items in a chunk. */
  readonly chunksize: number
  /** Jobs that a chunk is cut into, at most: they overlap encoding, work and decoding, and even out the ends of a map. */
  readonly slices: number
  /** Whether a failure is one of the results. */
  readonly settled: boolean
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** One call of `map` or `starmap`, from its jobs to its result: puts the results in order, counts chunks, keeps the first error, or all of them. */
export class MapCall implements PendingCall {
  readonly #executor: Executor
  readonly #plan: MapPlan
  readonly #open = new Set<Job>()
  readonly #values: unknown[]
  /** Items of each chunk that are still to come. */
  readonly #left: number[] = []
  /** What failed and why, by index: only where failures are results. */
  readonly #failures = new Map<number, unknown>()
  #results: readonly PromiseSettledResult<unknown>[] | undefined
  #itemsDone = 0
  #firstFailure: { readonly index: number; readonly thrown: unknown } | undefined
  #settled = false
  onSettled: (() => void) | undefined

  constructor(executor: Executor, plan: MapPlan) {
    this.#executor = executor
    this.#plan = plan
    this.#values = new Array(plan.items.length)
  }

  get settled(): boolean {
    return this.#settled
  }

  submit(): void {
    const { items, chunksize, slices } = this.#plan
    if (items.length === 0) return this.#finish()
    const slice = Math.max(1, Math.ceil(chunksize / slices))
    // Where no item can be refused, the workers may begin before the last one is encoded.
    const streams = items.every(isPlain)
    try {
      for (let chunk = 0; chunk < items.length; chunk += chunksize) {
        const end = Math.min(chunk + chunksize, items.length)
        this.#left.push(end - chunk)
        for (let start = chunk; start < end; start += slice) {
          const job = this.#job(start, items.slice(start, Math.min(start + slice, end)))
          this.#open.add(job)
          if (streams) this.#executor.submit([job])
        }
      }
      if (!streams) this.#executor.submit([...this.#open])
    } catch (error) {
      this.#drop()
      throw error
    }
  }

  /** @throws the first error in the order of the items */
  result(): unknown {
    if (this.#firstFailure) throw this.#firstFailure.thrown
    if (!this.#plan.settled) return this.#values
    const failures = this.#failures
    // Not `map`, which passes over the holes that lost jobs leave.
    this.#results ??= Array.from(this.#values, (value, n) =>
      settled(value, failures.has(n) ? { thrown: failures.get(n) } : undefined),
    )
    return this.#results
  }

  cancel(error: unknown): void {
    if (this.#settled) return
    this.#firstFailure = { index: -1, thrown: error }
    this.#drop()
    this.#finish()
  }

  #drop(): void {
    const jobs = [...this.#open]
    this.#open.clear()
    this.#executor.cancel(jobs, true)
  }

  #job(start: number, args: readonly unknown[]): Job {
    const { target, mode } = this.#plan
    const job: Job = {
      target,
      mode,
      args,
      start,
      ticket: 0,
      settle: (outcome) => {
        if (this.#open.delete(job)) this.#settleJob(start, args.length, outcome)
      },
    }
    return job
  }

  #settleJob(start: number, count: number, outcome: Outcome): void {
    if (outcome.kind === 'lost') {
      const last = this.#plan.settled ? start + count - 1 : start
      for (let index = start; index <= last; index++) this.#fail(index, outcome.error)
    } else {
      for (let n = 0; n < count; n++) this.#values[start + n] = outcome.values[n]
      for (const { index, thrown } of outcome.failures) this.#fail(start + index, new Thrown(thrown))
    }
    this.#itemsDone += count
    const chunk = Math.floor(start / this.#plan.chunksize)
    const left = (this.#left[chunk] as number) - count
    this.#left[chunk] = left
    if (left === 0) this.#report()
    if (this.#itemsDone === this.#values.length) this.#finish()
  }

  #fail(index: number, thrown: unknown): void {
    if (this.#plan.settled) this.#failures.set(index, thrown)
    else if (this.#firstFailure === undefined || index < this.#firstFailure.index) this.#firstFailure = { index, thrown }
  }

  #report(): void {
    const { onProgress } = this.#plan
    if (!onProgress) return
    let done = 0
    const { chunksize } = this.#plan
    this.#left.forEach((left, chunk) => {
      if (left === 0) done += Math.min(chunksize, this.#values.length - chunk * chunksize)
    })
    callBack(onProgress, { done, total: this.#values.length })
  }

  #finish(): void {
    this.#settled = true
    this.onSettled?.()
  }
}

/** One result as `Promise.allSettled` gives it. To be called where {@link rethrown} may be. */
export function settled(value: unknown, failure: { readonly thrown: unknown } | undefined): PromiseSettledResult<unknown> {
  return failure ? { status: 'rejected', reason: rethrown(failure.thrown) } : { status: 'fulfilled', value }
}

/** Whether an item travels whatever it holds. */
function isPlain(item: unknown): boolean {
  const type = typeof item
  return (
    type === 'number' || type === 'string' || type === 'boolean' || type === 'undefined' || type === 'bigint' || item === null
  )
}
