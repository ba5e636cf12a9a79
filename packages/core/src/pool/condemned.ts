import type { Agent } from '../agent.js'
import { Slot, Stage } from '../process/family.js'
import type { Offspring } from '../process/offspring.js'
import { Cell, type CellInUse, isRunBy, runnerOf } from './cells.js'
import type { Crew } from './crew.js'

/** ms that a cancelled job may keep the thread from others in its worker before they die with it. */
const GRACE_MS = 500

function hasThread(cell: CellInUse): boolean {
  return runnerOf(cell) !== 0 && Atomics.load(cell.words, cell.at + Cell.onThread) !== 0
}

/**
 * The jobs that were cancelled while they ran on an engine. Nothing but its worker's end stops such a job, so that is what it gets: at once where the worker has
 * nothing else in hand, otherwise when it is done with the rest, which it cannot be while the cancelled job has the thread.
 */
export class Condemned {
  readonly #agent: Agent
  readonly #crew: Crew
  readonly #isNeeded: (hand: Offspring) => boolean
  readonly #cells = new Set<CellInUse>()
  #grace: NodeJS.Timeout | undefined

  /** @param isNeeded whether a worker has anything in hand that somebody waits for */
  constructor(agent: Agent, crew: Crew, isNeeded: (hand: Offspring) => boolean) {
    this.#agent = agent
    this.#crew = crew
    this.#isNeeded = isNeeded
  }

  /** How many have not ended. */
  get size(): number {
    return this.#cells.size
  }

  add(cell: CellInUse): void {
    this.#cells.add(cell)
  }

  /** It has ended, by itself or with its worker. */
  delete(cell: CellInUse): void {
    this.#cells.delete(cell)
  }

  /** Ends the workers that run only what was cancelled. The others finish the rest first. */
  execute(): void {
    if (this.#cells.size === 0) return
    const running = new Map<number, CellInUse[]>()
    for (const cell of this.#cells) {
      const tag = runnerOf(cell)
      if (tag !== 0) running.set(tag, [...(running.get(tag) ?? []), cell])
    }
    for (const hand of [...this.#crew.all]) {
      const cells = running.get(hand.tag)
      if (!cells) continue
      if (!this.#isNeeded(hand)) this.#end(hand, cells)
      // The others cannot go on while it has the thread.
      else if (cells.some(hasThread)) {
        const blocking = cells.filter(hasThread)
        this.#grace ??= setTimeout(() => this.#graceIsOver(hand, blocking), GRACE_MS)
      }
    }
  }

  /** Ends no more workers. */
  close(): void {
    clearTimeout(this.#grace)
  }

  #graceIsOver(hand: Offspring, cells: readonly CellInUse[]): void {
    this.#grace = undefined
    if (this.#agent.closed) return
    // A cell that is no longer condemned may have another job in it by now.
    const still = cells.filter((cell) => this.#cells.has(cell))
    if (hand.end === undefined && still.some(hasThread)) this.#end(hand, still)
    this.execute()
  }

  #end(hand: Offspring, cells: readonly CellInUse[]): void {
    const { words } = this.#agent.family
    const stage = this.#agent.family.at(hand.tag) + Slot.stage
    // It takes no other job from here on, so the kill, whenever it strikes, hits nothing else.
    Atomics.store(words, stage, Stage.doomed)
    if (!cells.some((cell) => isRunBy(cell, hand.tag))) {
      Atomics.store(words, stage, Stage.ready)
      return
    }
    hand.kill(true)
  }
}
