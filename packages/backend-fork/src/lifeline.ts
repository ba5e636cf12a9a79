import type { System } from './system.js'

/** Of this agent's: the reading end. The writing end is nobody else's, and is closed with the thread, however that ends. */
let line: number | undefined

/**
 * A pipe whose end is the end of the agent that started a process, a thread or a process itself: the kernel kills at once whoever is bound to it (`System.tether`,
 * `System.endWith`).
 */
export function lifeline(system: System): number {
  line ??= system.openLifeline()
  return line
}
