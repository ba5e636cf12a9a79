import type { Progress } from '../contracts/pool.js'
import type { TargetDescription } from '../target/describe.js'
import { callSite, withLocalStack } from '../wire/error-envelope.js'
import { type Executor, type Job, Mode, type Outcome } from './executor.js'

/** Pieces that a chunk is cut into on the way: they overlap encoding, work and decoding, and even out the ends of a map. */
const SLICES_PER_CHUNK = 8

/** A call of a pool that is not over yet, as the pool sees it. */
export interface PendingCall {
  readonly settled: boolean
  /** Called once, when the result is final. */
  onSettled: (() => void) | undefined
  /** Hands it to the executor. @throws NotCloneableError, with nothing left behind */
  submit(): void
  /** Ends it with an error of the caller's: its timeout, its abort, the pool's end. */
  cancel(error: unknown): void
  /** The result, once settled. @throws Thrown, or the error that it was cancelled with */
  result(): unknown
}

/** What was thrown in a worker, until it reaches the caller: there it gets the caller's stack (see {@link rethrown}). */
export class Thrown {
  constructor(readonly thrown: unknown) {}
}

/**
 * What to throw where a call failed. To be called in the caller's own async continuation, or synchronously in its call: V8 then knows the caller's frames, so
 * that calls which succeed need not record their stack.
 */
export function rethrown(error: unknown): unknown {
  return error instanceof Thrown ? withLocalStack(error.thrown, callSite(rethrown), 'in a pool worker') : error
}

/** One call of `apply`: it is its own only job. There may be a hundred thousand of them at once. */
export class ApplyCall implements PendingCall, Job {
  readonly mode = Mode.call
  readonly start = 0
  settled = false
  onSettled: (() => void) | undefined
  #value: unknown
  #error: { readonly thrown: unknown } | undefined

  constructor(
    readonly executor: Executor,
    readonly target: TargetDescription,
    readonly args: readonly unknown[],
  ) {}

  submit(): void {
    this.executor.submit([this])
  }

  settle(outcome: Outcome): void {
    if (this.settled) return
    if (outcome.kind === 'lost') this.#error = { thrown: outcome.error }
    else if (outcome.failures.length > 0) this.#error = { thrown: new Thrown(outcome.failures[0]?.thrown) }
    else this.#value = outcome.values[0]
    this.settled = true
    this.onSettled?.()
  }

  cancel(error: unknown): void {
    if (this.settled) return
    this.executor.cancel([this])
    this.#error = { thrown: error }
    this.settled = true
    this.onSettled?.()
  }

  result(): unknown {
    if (this.#error) throw this.#error.thrown
    return this.#value
  }
}

/** How a `map` is made. */
export interface MapPlan {
  readonly target: TargetDescription
  readonly mode: Mode
  readonly items: readonly unknown[]
  /** Items in a chunk. */
  readonly chunksize: number
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** One call of `map` or `starmap`, from its jobs to its result: puts the results in order, counts chunks, keeps the first error. */
export class MapCall implements PendingCall {
  readonly #executor: Executor
  readonly #plan: MapPlan
  readonly #open = new Set<Job>()
  readonly #values: unknown[]
  /** Items of each chunk that are still to come. */
  readonly #left: number[] = []
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
    const { items, chunksize } = this.#plan
    if (items.length === 0) return this.#finish()
    const slice = Math.max(1, Math.ceil(chunksize / SLICES_PER_CHUNK))
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
    return this.#values
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
    this.#executor.cancel(jobs)
  }

  #job(start: number, args: readonly unknown[]): Job {
    const { target, mode } = this.#plan
    const job: Job = {
      target,
      mode,
      args,
      start,
      settle: (outcome) => {
        if (this.#open.delete(job)) this.#settleJob(start, args.length, outcome)
      },
    }
    return job
  }

  #settleJob(start: number, count: number, outcome: Outcome): void {
    if (outcome.kind === 'lost') this.#fail(start, outcome.error)
    else {
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
    if (this.#firstFailure === undefined || index < this.#firstFailure.index) this.#firstFailure = { index, thrown }
  }

  #report(): void {
    const { onProgress } = this.#plan
    if (!onProgress) return
    let done = 0
    const { chunksize } = this.#plan
    this.#left.forEach((left, chunk) => {
      if (left === 0) done += Math.min(chunksize, this.#values.length - chunk * chunksize)
    })
    try {
      onProgress({ done, total: this.#values.length })
    } catch (error) {
      // As from any event listener: an uncaught exception of the program, and the pool goes on.
      process.nextTick(() => {
        throw error
      })
    }
  }

  #finish(): void {
    this.#settled = true
    this.onSettled?.()
  }
}

/** Whether an item travels whatever it holds. */
function isPlain(item: unknown): boolean {
  const type = typeof item
  return (
    type === 'number' || type === 'string' || type === 'boolean' || type === 'undefined' || type === 'bigint' || item === null
  )
}
