import type { Pool } from '@multiproc/core'

/** The two methods of a pool that give results one by one. */
export const iterating = ['imap', 'imapUnordered'] as const
export type Iterating = (typeof iterating)[number]

/** Input that tells what is done with it. */
export class Well<T> {
  /** Items that were drawn from it. */
  drawn = 0
  /** How often it was told that no more is wanted. */
  returned = 0
  readonly #item: (n: number) => T
  readonly #length: number

  /** @param length how many items there are */
  constructor(item: (n: number) => T, length = Number.POSITIVE_INFINITY) {
    this.#item = item
    this.#length = length
  }

  [Symbol.iterator](): Iterator<T> {
    return {
      next: () =>
        this.drawn < this.#length ? { done: false, value: this.#item(this.drawn++) } : { done: true, value: undefined },
      return: () => {
        this.returned++
        return { done: true, value: undefined }
      },
    }
  }

  /** The same, with a turn of the event loop before each item. */
  later(): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = this[Symbol.iterator]()
        return {
          next: async () => {
            await new Promise((resolve) => setImmediate(resolve))
            return iterator.next()
          },
          return: async () => iterator.return?.() as IteratorResult<T>,
        }
      },
    }
  }
}

/** Everything that an iteration gives, and what it throws. */
export async function drain<R>(iterator: AsyncIterable<R>): Promise<{ results: R[]; error: unknown }> {
  const results: R[] = []
  try {
    for await (const result of iterator) results.push(result)
  } catch (error) {
    return { results, error }
  }
  return { results, error: undefined }
}

export function pidsOf(pool: Pool): (number | null)[] {
  return pool.workers.map(({ pid }) => pid)
}
