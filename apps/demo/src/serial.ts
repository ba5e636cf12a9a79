import { setImmediate as turn } from 'node:timers/promises'
import type { OnProgress } from './job.js'

/** `pool.map` in this thread. The event loop turns after each item, so that signals and the progress bar get through. */
export async function mapSerially<T, R>(fn: (item: T) => R, items: readonly T[], onProgress: OnProgress): Promise<R[]> {
  const results: R[] = []
  for (const item of items) {
    results.push(fn(item))
    onProgress({ done: results.length, total: items.length })
    await turn()
  }
  return results
}
