import type { Agent } from '../agent.js'
import { Slot, Stage } from '../process/family.js'
import type { Identity } from '../process/identity.js'
import { leaveLastWords } from '../process/last-words.js'
import type { Payload } from '../process/payload.js'
import type { Channel } from '../queue/channel.js'
import { REVOKED } from '../queue/record.js'
import { EMPTY } from '../queue/ring.js'
import { spinUntil } from '../sync/spin.js'
import { asyncWaiter } from '../sync/suspend.js'
import { loadTarget } from '../target/resolve.js'
import { JobRunner } from './job-runner.js'
import { decodeJob, type JobRecord } from './wire.js'

/** ms that a worker may be busy before its event loop gets a turn: timers fire and output flows even under a stream of short jobs. */
const BUSY_MS = 8

/** The life of a pool's worker: takes jobs until there will be no more. */
export async function serve(agent: Agent, payload: Payload, self: Identity): Promise<void> {
  const [jobs, results, initargs] = agent.decoder.decode(payload.args, 0, payload.args.byteLength) as [
    Channel,
    Channel,
    unknown[],
  ]
  if (!(await initialize(agent, payload, self, initargs))) return
  const worker = new Worker(agent, jobs, results)
  await worker.work()
  // What jobs left running (timers, sockets) ends with the pool, as in Python. Output first.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()))
}

/** Runs the initializer. `false`: it threw, and this worker ends. */
async function initialize(agent: Agent, payload: Payload, self: Identity, initargs: unknown[]): Promise<boolean> {
  const stage = agent.slotAt + Slot.stage
  try {
    const initializer = payload.target && (await loadTarget(payload.target))
    self.running = true
    await initializer?.(...initargs)
  } catch (error) {
    leaveLastWords(agent, error)
    Atomics.store(agent.family.words, stage, Stage.failed)
    process.exit(1)
  }
  Atomics.store(agent.family.words, stage, Stage.ready)
  return true
}

class Worker {
  readonly #agent: Agent
  readonly #jobs: Channel
  readonly #runner: JobRunner
  readonly #decode: (bytes: Uint8Array, offset: number, size: number) => JobRecord
  readonly #claim: (number: number) => boolean
  /** The number of the job in hand. */
  #number = 0
  /** The cheapest handle that can be ref'd and unref'd; it never has to fire. */
  readonly #busy = setInterval(() => {}, 2 ** 30).unref()

  constructor(agent: Agent, jobs: Channel, results: Channel) {
    this.#agent = agent
    this.#jobs = jobs
    this.#runner = new JobRunner(agent, results)
    this.#decode = (bytes, offset, size) => decodeJob(agent, bytes, offset, size)
    const { words } = agent.family
    const { slotAt } = agent
    this.#claim = (number) => {
      // Under the lock under which the pool dooms a worker: it takes nothing more that would die with it.
      if (Atomics.load(words, slotAt + Slot.stage) === Stage.doomed) return false
      Atomics.store(words, slotAt + Slot.claim, (number + 1) | 0)
      this.#number = number
      return true
    }
  }

  async work(): Promise<void> {
    let lastTurn = performance.now()
    for (;;) {
      let job = this.#next()
      if (job === EMPTY) {
        job = await this.#wait()
        lastTurn = performance.now()
        if (job === EMPTY) return
      }
      const pending = this.#handle(job)
      if (pending) await this.#during(pending)
      this.#done()
      if (performance.now() - lastTurn > BUSY_MS) {
        await new Promise((resolve) => setImmediate(resolve))
        lastTurn = performance.now()
      }
    }
  }

  /** Keeps this agent alive while a job is not done, whatever it waits for: an event loop with nothing to wait for ends. */
  async #during(job: Promise<void>): Promise<void> {
    this.#busy.ref()
    await job
    this.#busy.unref()
  }

  /** The next job, if one comes within the time that falling asleep and being woken would take. */
  #next(): unknown {
    const { ring } = this.#jobs
    const job = this.#take()
    if (job !== EMPTY || !spinUntil(this.#agent, () => ring.size > 0 || ring.isShut)) return job
    return this.#take()
  }

  #take(): unknown {
    try {
      return this.#jobs.ring.take(this.#decode, this.#claim)
    } catch (error) {
      return { undecodable: error }
    }
  }

  /** Waits with the event loop running. `EMPTY`: there will be none. */
  async #wait(): Promise<unknown> {
    try {
      const slow = this.#jobs.ring.takeSlow(asyncWaiter(this.#agent), this.#decode, this.#claim)
      return await this.#agent.waiters.run(this.#jobs.line, slow, Number.POSITIVE_INFINITY, undefined)
    } catch (error) {
      return { undecodable: error }
    }
  }

  /** Does a job and sends its result. A promise only where it has to wait. */
  #handle(job: unknown): Promise<void> | undefined {
    if (job === REVOKED) return undefined
    if ('undecodable' in (job as object)) {
      this.#runner.fail(this.#number, (job as { undecodable: unknown }).undecodable)
      return undefined
    }
    return this.#runner.run(this.#number, job as JobRecord)
  }

  #done(): void {
    Atomics.store(this.#agent.family.words, this.#agent.slotAt + Slot.claim, 0)
  }
}
