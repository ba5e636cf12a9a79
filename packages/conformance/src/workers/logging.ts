import { subscribe } from 'node:diagnostics_channel'
import { type Lock, type Queue, type TaskEndMessage, type TaskStartMessage, task } from '@multiproc/core'

/** Sends this worker's messages about tasks, the ones about itself not included. */
export const tellTasks = task(import.meta, function tellTasks(told: Queue<Told>) {
  subscribe('multiproc:task:start', (message) => told.putSync({ start: message as TaskStartMessage }))
  subscribe('multiproc:task:end', (message) => told.putSync({ end: message as TaskEndMessage }))
})

/** One of the two. */
export interface Told {
  readonly start?: TaskStartMessage
  readonly end?: TaskEndMessage
}

export const double = task(import.meta, function double(n: number) {
  return n * 2
})

export const failWith = task(import.meta, async function failWith(message: string) {
  await undefined
  throw new TypeError(message)
})

/** Ends with the lock in its hands. */
export const dieHolding = task(import.meta, function dieHolding(lock: Lock) {
  lock.acquireSync()
  process.exit(5)
})
