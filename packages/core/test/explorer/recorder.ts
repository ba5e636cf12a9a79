import { MOMENT_MS, type Operation, PATIENCE_MS } from './operation.js'

/** Thrown through the code under test at the first operation whose result is not known yet. */
class Pause extends Error {}
const PAUSE = new Pause('the explorer stopped an agent at its next operation')

/** A point of which only a key matters, and what was before `mark`. */
export interface Cut {
  /** How many results the agent had then. */
  readonly mark: number
  readonly key: string
}

/**
 * Makes a deterministic program out of an agent: the results of its operations so far are given again, and at the next one it stops. All that the code
 * under test knows of the world comes through `perform`.
 */
export class Recorder {
  #history: readonly number[] = []
  #cursor = 0
  #pending: Operation | undefined
  #direct: ((operation: Operation) => number) | undefined
  #cut: Cut | undefined
  /** The agent's clock, ms. A function of the history. */
  clock = 0
  /** Deadline of what the agent is doing, on its clock. */
  deadline = Number.POSITIVE_INFINITY

  /** The result of an operation. */
  perform(operation: Operation): number {
    if (this.#direct) return this.#direct(operation)
    // Code that catches the pause, or has a `finally`, runs on; whatever it does then never happens.
    if (this.#pending !== undefined) throw PAUSE
    if (this.#cursor < this.#history.length) {
      this.#cut = undefined
      return this.#history[this.#cursor++] as number
    }
    this.#pending = operation
    throw PAUSE
  }

  /** Where the agent is now, for `cut`. */
  mark(): number {
    return this.#cursor
  }

  /**
   * Says that what the agent does from here on depends only on what it had done when `mark` was called and on `key`: whatever it learned in between it
   * has forgotten.
   */
  cut(mark: number, key: string): void {
    if (this.#direct || this.#pending !== undefined || this.#cursor < this.#history.length || mark === this.#cursor) return
    const clock = this.deadline < Number.POSITIVE_INFINITY ? this.clock : 0
    this.#cut = { mark, key: `${key} ${clock}` }
  }

  /** What was cut just before the operation at which the last replay stopped. */
  get lastCut(): Cut | undefined {
    return this.#cut
  }

  passTime(took: number): void {
    this.clock += took === 0 ? 0 : took === 1 ? MOMENT_MS : PATIENCE_MS
  }

  /**
   * Runs a program from its beginning to the first operation beyond `history`.
   * @returns that operation, or how the program ended
   */
  replay(history: readonly number[], program: () => void): Operation | { readonly thrown: unknown } | undefined {
    this.#begin(history)
    try {
      program()
    } catch (error) {
      if (this.#pending === undefined) return { thrown: error }
    }
    if (this.#pending === undefined && this.#cursor < this.#history.length) {
      throw new Error('a program ended before its history did: it depends on something else than the results of its operations')
    }
    return this.#pending
  }

  /** Runs a program to its end, each operation answered at once. */
  run<T>(answer: (operation: Operation) => number, program: () => T): T {
    this.#begin([])
    this.#direct = answer
    try {
      return program()
    } finally {
      this.#direct = undefined
    }
  }

  #begin(history: readonly number[]): void {
    this.#history = history
    this.#cursor = 0
    this.#pending = undefined
    this.#cut = undefined
    this.clock = 0
    this.deadline = Number.POSITIVE_INFINITY
  }
}
