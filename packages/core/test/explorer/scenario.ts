import type { Actor, Program } from './actor.js'

/** Where scenarios put what they explore, as an index of a word. */
export const OBJECTS_AT = 40 * 1024

/** Who does what, what may happen to them, and what must hold. */
export interface Scenario {
  readonly name: string
  /** Puts the shared objects into memory, before the agents start; `name` names words for the trace. */
  prepare?(actor: Actor, name: (at: number, name: string) => void): void
  /** What whoever buries a dead agent does for the objects, after `Family.release`: `Kind.mourn`. */
  mourn?(actor: Actor): void
  /** How many slots of the family's table lie between two agents; default 1. Those with the same slot modulo 32 have the same bell. */
  readonly apart?: number
  /** What each agent does: its programs, one after the other. */
  readonly agents: readonly (readonly Program[])[]
  /** What may go wrong, in one run. */
  readonly mishaps?: Mishaps
  readonly monitor: Monitor
  /** Whether this agent may rightly wait, in a state in which nobody else will do anything more. */
  mayWait(look: Look, agent: number): boolean
  /**
   * Looked at where nothing happens any more of itself.
   * @returns what is wrong
   */
  atRest?(look: Look): string | undefined
}

export interface Mishaps {
  /** How many agents may vanish, each before any of its steps. */
  readonly deaths?: number
  /** Which agents are mortal; default: all. */
  readonly mortal?: readonly number[]
  /** How many waits may end without cause. */
  readonly spurious?: number
  /** After a death, how many liveness ticks come while others still run. When nothing else happens they come in any number. */
  readonly ticks?: number
}

/** Follows the notes of the agents, and objects. */
export interface Monitor {
  readonly initial: readonly number[]
  /** Something was noted: changes `ghost`. @returns what is wrong */
  noted(ghost: number[], agent: number, event: string, value: number): string | undefined
  died?(ghost: number[], agent: number): void
}

/** A state, as the checks see it. */
export interface Look {
  load(at: number): number
  /** What differs in it from the beginning. */
  readonly memory: string
  readonly ghost: readonly number[]
  isAlive(agent: number): boolean
  hasEnded(agent: number): boolean
  /** Whether it waits for a lock, or whatever else it looks at again from time to time. */
  ticks(agent: number): boolean
  readonly anyDied: boolean
  /** Runs a program on a copy of the state, as one more agent that must not wait. */
  attempt(program: Program): Attempt
}

export interface Attempt {
  /** What it threw. */
  readonly refused: string | undefined
  /** Blocks of the heap in use at the end. */
  readonly blocks: number
}
