import { fchmodSync } from 'node:fs'
import type { System } from './system.js'

/** Of this agent's: the reading end, which its children inherit. The writing end is nobody else's, and is closed with the thread, however that ends. */
let line: number | undefined

/**
 * A pipe into which nothing is ever written: its end is the end of the agent that started a process, a thread or a process itself, and the kernel kills at once whoever
 * has tied its life to it (`System.endWith`).
 */
export function lifeline(system: System): number {
  if (line === undefined) {
    line = system.openPipe('thread').read
    // Whoever the children are: they open it anew.
    fchmodSync(line, 0o444)
  }
  return line
}
