import type { ResultIterator as ResultIteratorContract } from '../contracts/pool.js'
import { rethrown } from './call.js'
import type { Given, Iteration } from './iteration.js'
import { settled } from './map-call.js'

/** What the consumer of an {@link Iteration} holds; nothing of the iteration's refers to it. */
export class ResultIterator implements ResultIteratorContract<unknown> {
  readonly #iteration: Iteration
  readonly #settled: boolean

  /** @param failuresAreResults `{ settled: true }` */
  constructor(iteration: Iteration, failuresAreResults: boolean) {
    this.#iteration = iteration
    this.#settled = failuresAreResults
    iteration.heldBy(this)
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const given = this.#iteration.take() ?? (await this.#iteration.request())
    return this.#receive(given)
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#iteration.giveUp()
    return { done: true, value: undefined }
  }

  async throw(error?: unknown): Promise<IteratorReturnResult<undefined>> {
    await this.#iteration.giveUp().catch(() => {})
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#iteration.giveUp()
  }

  #receive(given: Given): IteratorResult<unknown, undefined> {
    switch (given.kind) {
      case 'value':
        return { done: false, value: this.#settled ? settled(given.value, undefined) : given.value }
      case 'failed':
        if (!this.#settled) throw rethrown(given.thrown)
        return { done: false, value: settled(undefined, given) }
      case 'error':
        throw given.thrown
      default:
        return { done: true, value: undefined }
    }
  }
}
