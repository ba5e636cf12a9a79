import type { TargetDescription } from '../target/describe.js'
import { callSite, withLocalStack } from '../wire/error-envelope.js'
import type { Cancellable } from './alarm.js'
import { type Executor, type Job, Mode, type Outcome } from './executor.js'

/** A call of a pool that is not over yet, as the pool sees it. */
export interface PendingCall extends Cancellable {
  readonly settled: boolean
  /** Called once, when the result is final. */
  onSettled: (() => void) | undefined
  /** Hands it to the executor. @throws NotCloneableError, with nothing left behind */
  submit(): void
  /** The result, once settled. @throws Thrown, or the error that it was cancelled with */
  result(): unknown
}

/** Where a call is to be found by who is to block for it. */
export interface CallHandle {
  /** `undefined` while its items are still coming in. */
  call: PendingCall | undefined
}

/** One of which nothing is left but what `result` gives or throws. */
export function settledCall(result: () => unknown): PendingCall {
  return { settled: true, onSettled: undefined, submit() {}, cancel() {}, result }
}

/** One that failed before it was begun, or of which nothing else is left. */
export function failedCall(error: unknown): PendingCall {
  return settledCall(() => {
    throw error
  })
}

/** What was thrown in a worker, until it reaches the caller: there it gets the caller's stack (see {@link rethrown}). */
export class Thrown {
  /** Whether it has its caller's stack. */
  hasArrived = false

  constructor(readonly thrown: unknown) {}
}

/**
 * What to throw where a call failed. To be called in the caller's own async continuation, or synchronously in its call: V8 then knows the caller's frames, so
 * that calls which succeed need not record their stack.
 */
export function rethrown(error: unknown): unknown {
  if (!(error instanceof Thrown)) return error
  // A call can be asked more than once: where it is blocked for, and by its promise.
  if (error.hasArrived) return error.thrown
  error.hasArrived = true
  return withLocalStack(error.thrown, callSite(rethrown), 'in a pool worker')
}

/** One call of `apply`: it is its own only job. There may be a hundred thousand of them at once. */
export class ApplyCall implements PendingCall, Job {
  readonly mode = Mode.call
  readonly start = 0
  ticket = 0
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
    this.executor.cancel([this], true)
    this.#error = { thrown: error }
    this.settled = true
    this.onSettled?.()
  }

  result(): unknown {
    if (this.#error) throw this.#error.thrown
    return this.#value
  }
}
