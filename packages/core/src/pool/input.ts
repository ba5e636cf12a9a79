import type { PendingCall } from './call.js'

/** The items of a map while they come in. As a call of its own it can run out of time, be aborted, or end with the pool, however long the next item takes. */
export class Input implements PendingCall {
  readonly #items: Iterable<unknown> | AsyncIterable<unknown>
  readonly #collected: unknown[] = []
  #error: { readonly thrown: unknown } | undefined
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined
  settled = false
  onSettled: (() => void) | undefined

  constructor(items: Iterable<unknown> | AsyncIterable<unknown>) {
    this.#items = items
  }

  submit(): void {
    this.#collect().then(
      () => this.#settle(undefined),
      (thrown: unknown) => this.#settle({ thrown }),
    )
  }

  cancel(error: unknown): void {
    if (this.settled) return
    this.#settle({ thrown: error })
    // It may take as long as it likes, and fail as it likes: nobody waits for it any more.
    void (async () => this.#iterator?.return?.())().catch(() => {})
  }

  /** All items. */
  result(): readonly unknown[] {
    if (this.#error) throw this.#error.thrown
    return this.#collected
  }

  async #collect(): Promise<void> {
    const items = this.#items as Partial<Iterable<unknown> & AsyncIterable<unknown>>
    const iterator = items[Symbol.asyncIterator]?.() ?? (items as Iterable<unknown>)[Symbol.iterator]()
    this.#iterator = iterator
    while (!this.settled) {
      const step = await iterator.next()
      if (step.done) return
      this.#collected.push(await step.value)
    }
  }

  #settle(error: { readonly thrown: unknown } | undefined): void {
    if (this.settled) return
    this.#error = error
    this.settled = true
    this.onSettled?.()
  }
}
