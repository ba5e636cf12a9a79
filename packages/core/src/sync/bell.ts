/**
 * An agent's bell: the one word by which others reach it, whatever it waits for. The argument for it is in `README.md` beside this file.
 *
 * | from     | to       | by whom, when                                                                  |
 * |----------|----------|--------------------------------------------------------------------------------|
 * | `down`   | `up`     | who rings, and then wakes the event loop                                        |
 * | `down`   | `asleep` | its thread, about to sleep on this word                                         |
 * | `asleep` | `up`     | who rings, and then wakes the thread and the event loop                         |
 * | any      | `down`   | the thread that slept, or the event loop that was woken, before it looks around  |
 */
import type { SyncPort } from './port.js'
import { ALL } from './waitlist.js'

export const Bell = { down: 0, up: 1, asleep: 2 } as const

/** Puts a bell up and wakes its agent's thread where that sleeps on it. `false`: it was up, so whoever put it up rings. */
export function raise(port: SyncPort, words: Int32Array, bell: number): boolean {
  if (Atomics.load(words, bell) === Bell.up) return false
  const before = Atomics.exchange(words, bell, Bell.up)
  // All: its event loop may listen at the same word, and was there first.
  if (before === Bell.asleep) port.notify(words, bell, ALL)
  return before !== Bell.up
}

/** Sleeps until this agent's own bell is up, at most `ms`; lowers it. The caller looks around then. */
export function sleepUntilRung(port: SyncPort, words: Int32Array, bell: number, ms: number): void {
  if (Atomics.compareExchange(words, bell, Bell.down, Bell.asleep) === Bell.down) port.wait(words, bell, Bell.asleep, ms)
  Atomics.store(words, bell, Bell.down)
}
