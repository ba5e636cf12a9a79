import type { Agent } from '../agent.js'
import { Slot, Stage } from '../process/family.js'
import type { Offspring } from '../process/offspring.js'
import type { Hands } from './hands.js'

/** ms for which a task that was given up may keep its thread from the others in the same worker. */
const GRACE_MS = 500

/** A worker in its pool's eyes. */
export class PoolWorker {
  readonly #agent: Agent
  readonly offspring: Offspring
  readonly hands: Hands
  /** Whether it may take jobs as soon as it is ready; otherwise it stands by until one that is leaving has gone. */
  isOpen: boolean
  /** Whether it takes no more jobs: it has done as many as it may, or a task was cancelled in it. */
  isLeaving = false
  /** Whether it is still to be counted, while leaving, as one of those who work. */
  keepsPlace = false
  /** Who was started in its place. */
  successor: Offspring | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(agent: Agent, offspring: Offspring, hands: Hands, isOpen: boolean) {
    this.#agent = agent
    this.offspring = offspring
    this.hands = hands
    this.isOpen = isOpen
  }

  /** Lets it take no more jobs. To be called under the lock under which it takes them. */
  doom(): void {
    const { family } = this.#agent
    Atomics.store(family.words, family.at(this.offspring.tag) + Slot.stage, Stage.doomed)
  }

  open(): void {
    if (this.isOpen) return
    this.isOpen = true
    this.hands.open()
  }

  /** Ends it, if a cancelled job still has its thread after a while: the others in its hands cannot go on. */
  killIfBlockedBy(cancelled: { has(number: number): boolean }): void {
    const job = this.hands.onThread
    if (job === undefined || !cancelled.has(job)) return
    this.#patience = setTimeout(() => {
      if (this.hands.onThread === job) this.offspring.kill(true)
    }, GRACE_MS).unref()
  }

  /** It has ended. */
  forget(): void {
    clearTimeout(this.#patience)
    if (!this.#agent.closed) this.hands.free()
  }
}
