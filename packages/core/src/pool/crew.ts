import type { Agent } from '../agent.js'
import type { Engine, EngineWorker } from '../engine.js'
import { channels, logAgent } from '../log/channels.js'
import { type End, Offspring } from '../process/offspring.js'

/** A pool that has work done by a crew. */
export interface Employer {
  /** What a worker is told before its first job. */
  readonly introduction: unknown
  /** A worker of the crew has ended; its slot is free, its locks are those of a dead holder. */
  workerEnded(worker: Offspring, end: End): void
}

/**
 * The workers of one engine as members of this agent's family: each has a slot from the moment it is seen, so that it finds its place by itself when the first job
 * reaches it, and its end is noticed like that of any child. Pools on the same engine share it.
 */
export class Crew {
  readonly #agent: Agent
  readonly #engine: Engine
  readonly #hands = new Map<EngineWorker, Offspring>()
  readonly #employers = new Set<Employer>()
  readonly #unwatch: () => void
  #names = 0
  #onEmpty: (() => void) | undefined

  private constructor(agent: Agent, engine: Engine) {
    this.#agent = agent
    this.#engine = engine
    this.#unwatch = engine.watch(() => this.look())
  }

  static #crews = new WeakMap<Engine, WeakMap<Agent, Crew>>()

  static hire(agent: Agent, engine: Engine, employer: Employer): Crew {
    let ofEngine = Crew.#crews.get(engine)
    if (!ofEngine) {
      ofEngine = new WeakMap()
      Crew.#crews.set(engine, ofEngine)
    }
    let crew = ofEngine.get(agent)
    if (!crew) {
      crew = new Crew(agent, engine)
      ofEngine.set(agent, crew)
    }
    crew.#employers.add(employer)
    crew.look()
    return crew
  }

  /** To be called when the employer has nothing under way any more. The last one to leave lets the workers go. */
  leave(employer: Employer): void {
    this.#employers.delete(employer)
    if (this.#employers.size > 0) return
    Crew.#crews.get(this.#engine)?.delete(this.#agent)
    this.#unwatch()
    for (const hand of this.#hands.values()) hand.dismiss()
    this.#hands.clear()
  }

  /** Those who can be given work. */
  get present(): Offspring[] {
    this.look()
    return this.#engine.workers.map((worker) => this.#hands.get(worker)).filter((hand) => hand !== undefined)
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
      (onExit) => {
        worker.onExit(onExit)
        return worker
      },
      (end) => this.#ended(worker, hand, end),
    )
    this.#hands.set(worker, hand)
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
    for (const employer of [...this.#employers]) employer.workerEnded(hand, end)
    if (this.#hands.size === 0) this.#onEmpty?.()
  }

  #tellReplaced(hand: Offspring, { exitCode }: End, successor: Offspring): void {
    const worker = { name: hand.info.name, pid: hand.pid }
    const next = { name: successor.info.name, pid: successor.pid }
    channels.workerReplaced.publish({ agent: logAgent(this.#agent), worker, exitCode, successor: next })
  }
}
