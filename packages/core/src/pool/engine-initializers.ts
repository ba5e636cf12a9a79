import type { Agent } from '../agent.js'
import { Slot, Stage } from '../process/family.js'
import type { Offspring } from '../process/offspring.js'
import type { Crew } from './crew.js'
import { TAKEN_BACK, type TakenBack } from './engine-wire.js'
import { Status } from './wire.js'

/** The workers of an engine that are busy with a pool's initializer, as they tell. */
export class Initializers {
  readonly #agent: Agent
  readonly #crew: Crew
  readonly #word: TakenBack
  /** How far a worker has come while it runs one. */
  readonly #stage: number
  /** By tag. */
  readonly #running = new Set<number>()
  #evicted: readonly Offspring[] = []

  /** @param atStart whether they begin with their worker, and not with its first job */
  constructor(agent: Agent, crew: Crew, pool: number, atStart: boolean) {
    this.#agent = agent
    this.#crew = crew
    this.#word = { kind: TAKEN_BACK, pool }
    this.#stage = atStart ? Stage.starting : Stage.initializing
  }

  /** Takes in what a worker tells of itself. @returns whether it has become ready */
  heard(news: Status, tag: number): boolean {
    if (news !== Status.initializing) return this.#running.delete(tag)
    this.#running.add(tag)
    return false
  }

  /** A worker has ended. @returns whether it was in the middle of one */
  delete(tag: number): boolean {
    return this.#running.delete(tag)
  }

  /** Jobs were taken back: those that wait for an initializer would hold their places for as long as it takes. */
  makeWay(): void {
    for (const hand of this.#crew.all) if (this.#running.has(hand.tag)) this.#crew.tell(hand, this.#word)
  }

  /** All of the pool's jobs have been taken back, and the initializers that run for them may never be through: ends their workers. */
  end(): void {
    const { family } = this.#agent
    // Not one that is through meanwhile, and may have told so.
    this.#evicted = [...this.#crew.all].filter(({ tag }) => {
      const stage = family.at(tag) + Slot.stage
      return this.#running.has(tag) && Atomics.compareExchange(family.words, stage, this.#stage, Stage.doomed) === this.#stage
    })
    for (const hand of this.#evicted) hand.kill(true)
  }

  /** Whether any worker that was ended has yet to do so. */
  get areEnding(): boolean {
    return this.#evicted.some((hand) => hand.end === undefined)
  }
}
