import type { PendingCall } from './call.js'
import { Source } from './source.js'

/** The items of a map while they come in. As a call of its own it can run out of time, be aborted, or end with the pool, however long the next item takes. */
export class Input implements PendingCall {
  readonly #source: Source
  #collected: readonly unknown[] = []
  #error: { readonly thrown: unknown } | undefined
  settled = false
  onSettled: (() => void) | undefined

  constructor(items: Iterable<unknown> | AsyncIterable<unknown>) {
    this.#source = new Source(items)
  }

  submit(): void {
    void this.#source.pull(Number.POSITIVE_INFINITY).then(({ items, end }) => {
      this.#collected = items
      this.#settle(end?.error)
    })
  }

  cancel(error: unknown): void {
    if (this.settled) return
    this.#settle({ thrown: error })
    // It may take as long as it likes, and fail as it likes: nobody waits for it any more.
    void this.#source.close().catch(() => {})
  }

  /** All items. */
  result(): readonly unknown[] {
    if (this.#error) throw this.#error.thrown
    return this.#collected
  }

  #settle(error: { readonly thrown: unknown } | undefined): void {
    if (this.settled) return
    this.#error = error
    this.settled = true
    this.onSettled?.()
  }
}
