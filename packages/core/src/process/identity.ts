import type { Agent } from '../agent.js'
import type { ProcessInfo } from '../contracts/process.js'

/**
 * Who this agent is. Kept on `globalThis`, not in a module: a program may hold several copies of this package, and all of them are in the same agent.
 */
export interface Identity {
  /** Of the backend that started this agent. */
  readonly backend: string
  readonly agent: Agent
  readonly info: ProcessInfo
  readonly parent: ProcessInfo
  /** Whether its target runs: before that, it is only loading code, and must not start others. */
  running: boolean
}

const CHILD = Symbol.for('multiproc.child')
const IDENTITY = Symbol.for('multiproc.identity')
const globals = globalThis as { [CHILD]?: boolean; [IDENTITY]?: Identity }

/** False in every agent that multiproc started, true elsewhere, whatever thread the program itself runs in. Python's `__name__ == '__main__'`. */
export const isMainProcess: boolean = globals[CHILD] !== true

/** Who this agent is; `undefined` in a main process. */
export function identity(): Identity | undefined {
  return globals[IDENTITY]
}

export function setIdentity(value: Identity): void {
  globals[IDENTITY] = value
}
