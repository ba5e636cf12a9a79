import { isThenable } from '../thenable.js'

/** What {@link Source.pull} gives. */
export interface Pulled {
  readonly items: unknown[]
  /** Set once the input has ended: there will be no more. */
  readonly end: InputEnd | undefined
}

/** How an input ended: by itself, or by what it threw. */
export interface InputEnd {
  readonly error?: { readonly thrown: unknown }
}

/** The input of a call, iterable or async iterable, from which items are pulled by the chunk. Items that are promises are awaited, as `for await` does. */
export class Source {
  readonly #items: Iterable<unknown> | AsyncIterable<unknown>
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined
  /** Where the iterator is: `stepping` while its `next` is on the stack, `waiting` while the promise that it gave is pending. */
  #state: 'idle' | 'stepping' | 'waiting' | 'ended' = 'idle'
  #closed = false
  #released = false

  constructor(items: Iterable<unknown> | AsyncIterable<unknown>) {
    this.#items = items
  }

  /** Up to `count` items; fewer where the input ends. Never rejects; not to be called again before it has resolved. */
  async pull(count: number): Promise<Pulled> {
    const items: unknown[] = []
    try {
      this.#iterator ??= open(this.#items)
      while (items.length < count) {
        if (this.#closed) break
        this.#state = 'stepping'
        let step = this.#iterator.next() as IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>
        if (isThenable(step)) {
          this.#state = 'waiting'
          step = await step
        }
        if (step.done) {
          this.#state = 'ended'
          return { items, end: {} }
        }
        this.#state = 'idle'
        items.push(isThenable(step.value) ? await step.value : step.value)
      }
      if (!this.#closed) return { items, end: undefined }
      // From within its own `next`, when it could not be told.
      await this.#release()
      return { items, end: {} }
    } catch (thrown) {
      // A promise among the items; an iterator that threw by itself has ended.
      if (this.#state === 'idle') void this.close().catch(() => {})
      this.#state = 'ended'
      return { items, end: { error: { thrown } } }
    }
  }

  /**
   * The rest is not wanted: calls the iterator's `return`. Resolves when that is done; at once where the iterator is just being asked for an item, as that may take for ever.
   * Rejects with what `return` throws.
   */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#state === 'idle') await this.#release()
    else if (this.#state === 'waiting') void this.#release().catch(() => {})
  }

  /** Once. */
  async #release(): Promise<void> {
    const iterator = this.#iterator
    if (this.#released) return
    this.#released = true
    await iterator?.return?.()
  }
}

function open(items: Iterable<unknown> | AsyncIterable<unknown>): Iterator<unknown> | AsyncIterator<unknown> {
  const either = items as Partial<Iterable<unknown> & AsyncIterable<unknown>>
  return either[Symbol.asyncIterator]?.() ?? (items as Iterable<unknown>)[Symbol.iterator]()
}
