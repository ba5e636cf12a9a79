import { Acquired, lockSlow, tryLock } from './mutex.js'
import type { SyncPort } from './port.js'
import { spinLock } from './spin.js'
import { runSync, syncWaiter } from './suspend.js'

/**
 * Takes a lock that guards a few instructions: it is held for so short a time that waiting blocks the thread even in async callers.
 * @returns whether the last holder died holding it, so that what it guards must be looked over
 */
export function lockNow(port: SyncPort, words: Int32Array, at: number): boolean {
  if (tryLock(port, words, at) || spinLock(port, words, at)) return false
  return runSync(port, lockSlow(port, words, at, syncWaiter(port), true), Number.POSITIVE_INFINITY) === Acquired.fromTheDead
}
