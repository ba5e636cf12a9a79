import type { Agent } from '../agent.js'
import { OutgoingItem } from '../queue/outgoing.js'
import type { TargetDescription } from '../target/describe.js'
import { sharedNow } from './clock.js'
import { type Job, Mode } from './executor.js'
import { atItem } from './job-errors.js'
import { freeTarget, prepareJob, storeTarget } from './wire.js'

/** Makes jobs ready to travel. Their targets lie in memory once each, for as long as the pool lives. */
export class JobEncoder {
  readonly #agent: Agent
  readonly #outgoing: OutgoingItem
  readonly #targets = new Map<TargetDescription, number>()

  constructor(agent: Agent) {
    this.#agent = agent
    this.#outgoing = new OutgoingItem(agent)
  }

  /** One object for all jobs: good until the next one, or to be detached. @throws NotCloneableError, with a path from `args` or `items` */
  prepare(job: Job): OutgoingItem {
    let target = this.#targets.get(job.target)
    if (target === undefined) {
      target = storeTarget(this.#agent, job.target)
      this.#targets.set(job.target, target)
    }
    try {
      const { mode, args } = job
      return prepareJob(this.#outgoing, { target, mode, args, submitted: sharedNow() }, mode === Mode.call ? 'args' : 'items')
    } catch (error) {
      throw job.start > 0 ? atItem(error, job.start) : error
    }
  }

  /** All of them, or none. @throws NotCloneableError, and nothing is left */
  prepareAll(jobs: readonly Job[]): OutgoingItem[] {
    const ready: OutgoingItem[] = []
    try {
      for (const job of jobs) ready.push(this.prepare(job).detach())
    } catch (error) {
      for (const record of ready) record.discard()
      throw error
    }
    return ready
  }

  /** Frees the targets: no worker looks at them any more. */
  close(): void {
    for (const packed of this.#targets.values()) freeTarget(this.#agent, packed)
    this.#targets.clear()
  }
}
