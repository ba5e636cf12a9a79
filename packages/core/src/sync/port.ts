/**
 * What the synchronisation algorithms need of the agent that runs them, and nothing more: so that the same source runs in production and
 * under the interleaving explorer, which owns every step.
 */
export interface SyncPort {
  /** This agent's tag: 1 … 2^30 - 1, unique in the family's whole life. What a lock's word holds. */
  readonly tag: number
  /** This agent's bit in a waitlist's bells. */
  readonly bell: number
  /** Whether others may wait under the same bit: agents, where there are more than 32, or other waiters of this one. */
  readonly sharesBell: boolean
  /** How often to look at a word before sleeping on it; 0 where no other core could change it meanwhile. */
  readonly spins: number
  /** Monotonic clock, ms. */
  now(): number
  /** Sleeps while the word holds `value`, at most `ms`; may wake early. */
  wait(words: Int32Array, index: number, value: number, ms: number): unknown
  /** Sleeps until somebody rings this agent, at most `ms`; may wake early. Its bell is down then, and the caller looks around. */
  sleepUntilRung(ms: number): void
  /** Notes the waitlist that this agent sleeps on: should it die after it took a wake-up, whoever buries it wakes the others. */
  park(words: Int32Array, index: number): void
  /** What it slept for is done. */
  unpark(): void
  /** Wakes up to `count` sleepers of the word; how many were asleep. */
  notify(words: Int32Array, index: number, count: number): number
  /** Rings every agent whose bit is set. */
  ring(bells: number): void
  /** Rings every agent whose bell is up: who put it up may have died before it was heard. */
  ringAgain(): void
  /** Whether the agent with this tag has not ended. `thorough` asks the operating system too, not only the family's table. */
  isAlive(tag: number, thorough: boolean): boolean
  /** Whether any agent whose bell has this number, 0 to 31, has not ended. The operating system is asked, too. */
  livesBehind(bell: number): boolean
}
