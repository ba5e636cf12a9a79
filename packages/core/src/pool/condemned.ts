import type { Agent } from '../agent.js'
import { Slot, Stage } from '../process/family.js'
import type { Offspring } from '../process/offspring.js'
import { Cell, type CellInUse, condemn, runnerOf } from './cells.js'
import type { Crew } from './crew.js'

/** ms that a cancelled job may keep the thread from others in its worker before they die with it. */
const GRACE_MS = 500

function hasThread(cell: CellInUse): boolean {
  return runnerOf(cell) !== 0 && Atomics.load(cell.words, cell.at + Cell.onThread) !== 0
}

/** What a {@link Condemned} does to those who run its jobs. */
export interface Execution {
  /** Whether a worker has anything in hand that somebody waits for. */
  isNeeded(hand: Offspring): boolean
  /** Where a worker may have others' tasks in hand that nobody here knows of, it is not ended: has it let go of the job in the cell. */
  readonly letGo: ((hand: Offspring, cell: CellInUse) => void) | undefined
  /** Called when none are left, but by their workers' ends. */
  onNone(): void
}

/**
 * The jobs that were cancelled while they ran on an engine. Nothing but its worker's end stops such a job, so that is what it gets: at once where the worker has
 * nothing else in hand, otherwise when it is done with the rest, which it cannot be while the cancelled job has the thread. In an application's worker that may have
 * several tasks in hand it is let go: it gives its place to others, and what it has begun goes on.
 */
export class Condemned {
  readonly #agent: Agent
  readonly #crew: Crew
  readonly #execution: Execution
  readonly #cells = new Set<CellInUse>()
  /** Those that their workers were told to let go. */
  readonly #letGo = new Set<CellInUse>()
  #patience: NodeJS.Timeout | undefined
  readonly #graces = new Map<Offspring, NodeJS.Timeout>()

  constructor(agent: Agent, crew: Crew, execution: Execution) {
    this.#agent = agent
    this.#crew = crew
    this.#execution = execution
  }

  /** How many have not ended, and will. */
  get size(): number {
    return this.#cells.size + this.#letGo.size
  }

  add(cell: CellInUse): void {
    this.#cells.add(cell)
  }

  /** It has ended, by itself or with its worker. */
  delete(cell: CellInUse): void {
    this.#cells.delete(cell)
    if (!this.#letGo.delete(cell) || this.#letGo.size > 0) return
    clearTimeout(this.#patience)
    this.#patience = undefined
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
      if (this.#execution.letGo) this.#haveLetGo(hand, cells, this.#execution.letGo)
      else if (!this.#execution.isNeeded(hand)) this.#end(hand, cells, false)
      // The others cannot go on while it has the thread.
      else if (cells.some(hasThread) && !this.#graces.has(hand)) {
        const blocking = cells.filter(hasThread)
        this.#graces.set(
          hand,
          setTimeout(() => this.#graceIsOver(hand, blocking), GRACE_MS),
        )
      }
    }
  }

  /** Ends no more workers. */
  close(): void {
    for (const grace of this.#graces.values()) clearTimeout(grace)
    clearTimeout(this.#patience)
  }

  #haveLetGo(hand: Offspring, cells: readonly CellInUse[], letGo: NonNullable<Execution['letGo']>): void {
    for (const cell of cells) {
      this.#cells.delete(cell)
      this.#letGo.add(cell)
      letGo(hand, cell)
    }
    // One that keeps the thread hears nothing, and may do so for ever; no one is to wait for that.
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined
      this.#letGo.clear()
      this.#execution.onNone()
    }, GRACE_MS)
  }

  #graceIsOver(hand: Offspring, cells: readonly CellInUse[]): void {
    this.#graces.delete(hand)
    if (this.#agent.closed) return
    // A cell that is no longer condemned may have another job in it by now.
    const still = cells.filter((cell) => this.#cells.has(cell))
    if (hand.end === undefined && still.some(hasThread)) this.#end(hand, still, true)
    this.execute()
  }

  /** @param mayHarm whether what else it has in hand may end with it */
  #end(hand: Offspring, cells: readonly CellInUse[], mayHarm: boolean): void {
    const { words } = this.#agent.family
    const stage = this.#agent.family.at(hand.tag) + Slot.stage
    // It takes no other job from here on, so the kill, whenever it strikes, hits nothing else but what it took before.
    Atomics.store(words, stage, Stage.doomed)
    const isSpared = !mayHarm && this.#execution.isNeeded(hand)
    if (isSpared || cells.filter((cell) => condemn(cell, hand.tag)).length === 0) {
      Atomics.store(words, stage, Stage.ready)
      return
    }
    hand.kill(true)
  }
}
