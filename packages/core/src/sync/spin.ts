import { availableParallelism } from 'node:os'
import { FREE, tryLock } from './mutex.js'
import type { SyncPort } from './port.js'

/** Spinning can only pay where the holder can run meanwhile; the parallelism allowed (affinity included) tells. */
export const SPINS = availableParallelism() > 1 ? 2000 : 0

/** Tries to take a lock for as long as a short critical section lasts, before the slow path puts the thread to sleep (waking one costs 5 to 65 µs). */
export function spinLock(port: SyncPort, words: Int32Array, at: number): boolean {
  for (let left = port.spins; left > 0; left--) {
    if (Atomics.load(words, at) === FREE && tryLock(port, words, at)) return true
  }
  return false
}
