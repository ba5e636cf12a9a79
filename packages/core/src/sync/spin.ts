import { availableParallelism } from 'node:os'
import { FREE, tryLock } from './mutex.js'
import type { SyncPort } from './port.js'

/** Spinning can only pay where the other can run meanwhile; the parallelism allowed (affinity included) tells. How often to look before sleeping. */
export const SPINS = availableParallelism() > 1 ? 32 : 0

/** Turns between two looks at a lock: about 0.6 µs. Looking all the time takes the cache line away from the one that is to release it. */
const LOCK_PAUSE = 512
/** Turns between two looks at a queue. */
const QUEUE_PAUSE = 128

/** Tries to take a lock for as long as a short critical section lasts, before the slow path puts the thread to sleep (waking one costs 5 to 65 µs). */
export function spinLock(port: SyncPort, words: Int32Array, at: number): boolean {
  for (let left = port.spins; left > 0; left--) {
    if (Atomics.load(words, at) === FREE && tryLock(port, words, at)) return true
    pause(LOCK_PAUSE)
  }
  return false
}

/** Looks for as long as it would take to fall asleep and be woken; whether `isReady` came true. */
export function spinUntil(port: SyncPort, isReady: () => boolean): boolean {
  for (let left = port.spins * 4; left > 0; left--) {
    if (isReady()) return true
    pause(QUEUE_PAUSE)
  }
  return false
}

/** Kept outside, so that V8 cannot drop the loop. */
let sink = 1

/** Passes time without touching shared memory: JavaScript has no `pause` instruction. Each turn depends on the one before. */
function pause(turns: number): void {
  let x = sink
  for (let n = turns; n > 0; n--) x = (Math.imul(x, 1664525) + 1013904223) | 0
  sink = x
}
