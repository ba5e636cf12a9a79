import { StateError } from '@multiproc/core'

/** Queues of pools that have not ended. */
const inUse = new WeakSet<object>()

/**
 * Before a pool is made with the `taskQueue` of its context's options.
 * @throws StateError where another pool of the context has it: the workers of each would be given the other's tasks, and neither would hear of the rest
 */
export function assertUnused(queue: object | undefined): void {
  if (queue === undefined || !inUse.has(queue)) return
  throw new StateError(
    'the taskQueue of this context is in use by another pool of it, and a queue is for one pool: end that pool first, or make a context for each',
  )
}

/** @returns what to call when the pool has ended */
export function use(queue: object | undefined): () => void {
  if (queue === undefined) return () => {}
  inUse.add(queue)
  return () => inUse.delete(queue)
}
