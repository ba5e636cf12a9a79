import type { Agent } from '../agent.js'
import type { Engine, EngineWorker } from '../engine.js'
import { channels, logAgent } from '../log/channels.js'
import { type End, Offspring } from '../process/offspring.js'

/** A pool that has work done by a crew. */
export interface Employer {
  /** What a worker is told before its first job. */
  readonly introduction: unknown
  /** There is one more worker. */
  workerCame(): void
  /** A worker of the crew has ended; its slot is free, its locks are those of a dead holder. @param wasReady `EngineWorker.isReady` */
  workerEnded(worker: Offspring, end: End, wasReady: boolean): void
}

/**
 * The workers of one engine as members of this agent's family: each has a slot from the moment it is seen, so that it finds its place by itself when the first job
 * reaches it, and its end is noticed like that of any child. Pools on the same engine share it.
 *
 * A worker is a member until it ends, however long its pools have ended: what tasks left running there may still use the family's memory, which must not become
 * others' before.
 */
export class Crew {
  readonly #agent: Agent
  readonly #engine: Engine
  readonly #hands = new Map<EngineWorker, Offspring>()
  readonly #employers = new Set<Employer>()
  #unwatch: (() => void) | undefined
  #names = 0
  #onEmpty: (() => void) | undefined

  private constructor(agent: Agent, engine: Engine) {
    this.#agent = agent
    this.#engine = engine
  }

  static hire(agent: Agent, engine: Engine, employer: Employer): Crew {
    const crew = [...agent.crews].find((one) => one.#engine === engine) ?? new Crew(agent, engine)
    agent.crews.add(crew)
    crew.#employers.add(employer)
    crew.#unwatch ??= engine.watch(() => crew.look())
    crew.look()
    return crew
  }

  /** To be called when the employer has nothing under way any more. @param word what those who live on and may know it are told */
  leave(employer: Employer, word: unknown): void {
    this.#employers.delete(employer)
    if (!this.#agent.closed) for (const [worker, hand] of this.#hands) if (hand.hasAnnounced) worker.introduce(word)
    this.#considerEnd()
  }

  #considerEnd(): void {
    if (this.#employers.size > 0) return
    this.#unwatch?.()
    this.#unwatch = undefined
    if (this.#hands.size === 0) this.#agent.crews.delete(this)
  }

  /** The family is at its end: it has no members any more. */
  dismiss(): void {
    for (const hand of this.#hands.values()) hand.dismiss()
    this.#hands.clear()
  }

  /** Those who can be given work. */
  get present(): Offspring[] {
    this.look()
    return this.#engine.workers.map((worker) => this.#hands.get(worker)).filter((hand) => hand !== undefined)
  }

  /** How many have not ended. */
  get size(): number {
    return this.#hands.size
  }

  /** All who have not ended. */
  get all(): Iterable<Offspring> {
    return this.#hands.values()
  }

  /** Takes in workers that are new. */
  look(): void {
    if (this.#agent.closed || this.#employers.size === 0) return
    for (const worker of this.#engine.workers) if (!this.#hands.has(worker)) this.#take(worker)
  }

  /** Resolves when none is left. */
  whenEmpty(): Promise<void> {
    if (this.#hands.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onEmpty = resolve
    })
  }

  #take(worker: EngineWorker): void {
    const hand: Offspring = Offspring.adopt(
      this.#agent,
      `PoolWorker-${++this.#names}`,
      (onExit) => ({ child: worker, unwatch: worker.onExit(onExit) }),
      (end) => this.#ended(worker, hand, end),
    )
    this.#hands.set(worker, hand)
    for (const employer of this.#employers) employer.workerCame()
    // Elsewhere there may be nobody to listen yet, or somebody else, to whom it would be an error.
    if (this.#engine.introduces === 'at-start') for (const { introduction } of this.#employers) worker.introduce(introduction)
  }

  /** Says something to a member's worker. */
  tell(hand: Offspring, word: unknown): void {
    for (const [worker, one] of this.#hands) if (one === hand) worker.introduce(word)
  }

  /** Answers a worker that does not know an employer. */
  introduce(pid: number, { introduction }: Employer): void {
    this.look()
    for (const worker of this.#hands.keys()) if (worker.pid === pid) worker.introduce(introduction)
  }

  #ended(worker: EngineWorker, hand: Offspring, end: End): void {
    this.#hands.delete(worker)
    if (!this.#agent.closed) {
      const known = new Set(this.#hands.values())
      this.look()
      if (channels.workerReplaced.hasSubscribers) {
        for (const successor of this.#hands.values()) if (!known.has(successor)) this.#tellReplaced(hand, end, successor)
      }
    }
    for (const employer of [...this.#employers]) employer.workerEnded(hand, end, worker.isReady)
    if (this.#hands.size === 0) this.#onEmpty?.()
    this.#considerEnd()
  }

  #tellReplaced(hand: Offspring, { exitCode }: End, successor: Offspring): void {
    const worker = { name: hand.info.name, pid: hand.pid }
    const next = { name: successor.info.name, pid: successor.pid }
    channels.workerReplaced.publish({ agent: logAgent(this.#agent), worker, exitCode, successor: next })
  }
}
