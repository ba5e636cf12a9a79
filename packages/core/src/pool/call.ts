import type { Progress } from '../contracts/pool.js'
import { NotCloneableError } from '../errors.js'
import type { TargetDescription } from '../target/describe.js'
import { type CallSite, withLocalStack } from '../wire/error-envelope.js'
import { type Executor, type Job, Mode, type Outcome } from './executor.js'

/** Pieces that a chunk is cut into on the way: they overlap encoding, work and decoding, and even out the ends of a map. */
const SLICES_PER_CHUNK = 8

/** How a call is made. */
export interface CallPlan {
  readonly target: TargetDescription
  readonly mode: Mode
  /** The arguments of the one call, or the items. */
  readonly args: readonly unknown[]
  /** Items in a chunk. */
  readonly chunksize: number
  readonly onProgress: ((progress: Progress) => void) | undefined
  readonly site: CallSite
}

/**
 * One call of a pool, from its jobs to its result: puts the results in order, counts chunks, keeps the first error.
 */
export class Call {
  readonly #executor: Executor
  readonly #plan: CallPlan
  readonly #open = new Set<Job>()
  readonly #values: unknown[]
  /** Items of each chunk that are still to come. */
  readonly #left: number[] = []
  #itemsDone = 0
  #firstFailure: { readonly index: number; readonly thrown: unknown } | undefined
  #settled = false
  readonly #onSettled: () => void

  /** @param onSettled called once, when `outcome` is final */
  constructor(executor: Executor, plan: CallPlan, onSettled: () => void) {
    this.#executor = executor
    this.#plan = plan
    this.#onSettled = onSettled
    this.#values = new Array(plan.mode === Mode.call ? 1 : plan.args.length)
  }

  get settled(): boolean {
    return this.#settled
  }

  /**
   * Hands all of it to the executor.
   * @throws NotCloneableError, with nothing left behind
   */
  submit(): void {
    const { args, mode, chunksize } = this.#plan
    if (mode === Mode.call) {
      this.#left.push(1)
      this.#submit(0, args)
      return
    }
    if (args.length === 0) return this.#finish()
    const slice = Math.max(1, Math.ceil(chunksize / SLICES_PER_CHUNK))
    for (let chunk = 0; chunk < args.length; chunk += chunksize) this.#left.push(Math.min(chunksize, args.length - chunk))
    try {
      for (let chunk = 0; chunk < args.length; chunk += chunksize) {
        const end = Math.min(chunk + chunksize, args.length)
        for (let start = chunk; start < end; start += slice) this.#submit(start, args.slice(start, Math.min(start + slice, end)))
      }
    } catch (error) {
      this.#drop()
      throw error
    }
  }

  /** The result, once settled. @throws the first error in the order of the items */
  result(): unknown {
    if (this.#firstFailure) throw this.#firstFailure.thrown
    return this.#plan.mode === Mode.call ? this.#values[0] : this.#values
  }

  /** Ends it with an error of the caller's: its timeout, its abort, the pool's end. */
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

  #submit(start: number, args: readonly unknown[]): void {
    const { target, mode } = this.#plan
    const count = mode === Mode.call ? 1 : args.length
    const job: Job = {
      target,
      mode,
      args,
      settle: (outcome) => {
        if (this.#open.delete(job)) this.#settleJob(start, count, outcome)
      },
    }
    this.#open.add(job)
    try {
      this.#executor.submit(job)
    } catch (error) {
      this.#open.delete(job)
      throw start > 0 ? atItem(error, start) : error
    }
  }

  #settleJob(start: number, count: number, outcome: Outcome): void {
    if (outcome.kind === 'lost') this.#fail(start, outcome.error)
    else {
      for (let n = 0; n < count; n++) this.#values[start + n] = outcome.values[n]
      for (const { index, thrown } of outcome.failures)
        this.#fail(start + index, withLocalStack(thrown, this.#plan.site, 'in a pool worker'))
    }
    this.#itemsDone += count
    const chunk = this.#plan.mode === Mode.call ? 0 : Math.floor(start / this.#plan.chunksize)
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
    this.#onSettled()
  }
}

/** An error about `items[n]` of a slice, told in terms of all items. */
function atItem(error: unknown, start: number): unknown {
  if (!(error instanceof NotCloneableError)) return error
  const rebase = (text: string) => text.replace(/^items\[(\d+)\]/, (_, index) => `items[${Number(index) + start}]`)
  return new NotCloneableError(
    rebase(error.message),
    rebase(error.path),
    error.cause === undefined ? undefined : { cause: error.cause },
  )
}
