/**
 * The wait/notify protocol: who sleeps on a condition, and how it is woken without ever losing a wake-up.
 * Two words in shared memory; the argument for them is in `README.md` beside this file.
 *
 * | word  | holds                                                                              |
 * |-------|------------------------------------------------------------------------------------|
 * | GATE  | bit 0 ARMED: threads may sleep here; the rest counts notifications (2 a piece)     |
 * | BELLS | a bit for each agent (slot modulo 32) with async waiters: ring it                  |
 *
 * Waiter: `ticket = enlist()`, look at the condition again, then sleep while GATE is still `ticket`; async waiters `withdraw()` when they are done.
 * Notifier: change the condition, then `wake()`.
 */
import type { SyncPort } from './port.js'

export const GATE = 0
export const BELLS = 1
/** How many words a waitlist takes. */
export const WAITLIST_WORDS = 2
export const ARMED = 1

/** For `wake`: everyone. */
export const ALL = 0x7fffffff

/**
 * Puts this agent on the waitlist at `at`. The caller must look at its condition once more before it sleeps on the ticket.
 * A name left behind by one that does not sleep after all costs the next notifier one look, nothing else.
 */
export function enlist(port: SyncPort, words: Int32Array, at: number, sync: boolean): number {
  if (!sync) {
    name(port, words, at)
    return Atomics.load(words, at + GATE)
  }
  for (;;) {
    const gate = Atomics.load(words, at + GATE)
    if (gate & ARMED) return gate
    if (Atomics.compareExchange(words, at + GATE, gate, gate | ARMED) === gate) return gate | ARMED
  }
}

/** Puts this agent's bell up. */
export function name(port: SyncPort, words: Int32Array, at: number): void {
  // Where it is up already, every notifier since then has rung: the bell is lowered before anyone looks around.
  if ((Atomics.load(words, at + BELLS) & port.bell) === 0) Atomics.or(words, at + BELLS, port.bell)
}

/** Takes this agent's bell down: a waiter of its is done. */
export function withdraw(port: SyncPort, words: Int32Array, at: number): void {
  Atomics.and(words, at + BELLS, ~port.bell)
  // It may have stood for others too: they are rung, and put it up again.
  if (port.sharesBell) port.ring(port.bell)
}

/** Takes down the bell with this number, which seems to be nobody's any more. Who stands behind it all the same is rung. */
export function lower(port: SyncPort, words: Int32Array, at: number, bell: number): void {
  Atomics.and(words, at + BELLS, ~(1 << bell))
  port.ring(1 << bell)
}

/** Whether anyone may wait here. */
export function isAwaited(words: Int32Array, at: number): boolean {
  return (Atomics.load(words, at + GATE) & ARMED) !== 0 || Atomics.load(words, at + BELLS) !== 0
}

/**
 * Wakes `count` sleeping threads and every agent that has async waiters; to be called after the condition was changed by an atomic
 * operation. Two loads when nobody waits.
 */
export function wake(port: SyncPort, words: Int32Array, at: number, count: number): void {
  if ((Atomics.load(words, at + GATE) & ARMED) !== 0) wakeSleepers(port, words, at, count)
  const bells = Atomics.load(words, at + BELLS)
  if (bells !== 0) port.ring(bells)
}

/** Where a waitlist lies. */
export interface WaitlistPlace {
  readonly words: Int32Array
  /** Index of its first word. */
  readonly at: number
}

/** Wakes everyone, relying on nothing that a notifier may have left when it died: not on the gate being armed. */
export function rouse(port: SyncPort, words: Int32Array, at: number): void {
  Atomics.add(words, at + GATE, 2)
  port.notify(words, at + GATE, ALL)
  const bells = Atomics.load(words, at + BELLS)
  if (bells !== 0) port.ring(bells)
}

/** Wakes `count` sleeping threads; how many were asleep. */
export function wakeSleepers(port: SyncPort, words: Int32Array, at: number, count: number): number {
  for (;;) {
    const gate = Atomics.load(words, at + GATE)
    if ((gate & ARMED) === 0) return 0
    // Moving the gate first turns away whoever took its ticket before this change and is not yet asleep.
    if (Atomics.compareExchange(words, at + GATE, gate, (gate + 2) | 0) !== gate) continue
    const woken = port.notify(words, at + GATE, count)
    if (woken !== 0) return woken
    // Nobody was asleep, so the gate can be disarmed. Whoever falls asleep between the notify and this store would never be woken
    // again, hence the second notify; whoever is still on the way finds the gate moved.
    if (Atomics.compareExchange(words, at + GATE, (gate + 2) | 0, (gate + 3) | 0) === ((gate + 2) | 0)) {
      return port.notify(words, at + GATE, ALL)
    }
    return 0
  }
}
