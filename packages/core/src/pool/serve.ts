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
import { Hands, type HandsReference } from './hands.js'
import { JobRunner } from './job-runner.js'
import { decodeJob, type JobRecord, Status } from './wire.js'

/** ms that a worker may be busy before its event loop gets a turn: timers fire and output flows even under a stream of short jobs. */
const BUSY_MS = 8

/** How a worker is to work. */
export interface WorkOrder {
  readonly hands: HandsReference
  /** Jobs after which it ends; 0: never. */
  readonly mostJobs: number
}

/** The life of a pool's worker: takes jobs until there will be no more. */
export async function serve(agent: Agent, payload: Payload, self: Identity): Promise<void> {
  const [jobs, results, initargs, order] = agent.decoder.decode(payload.args, 0, payload.args.byteLength) as [
    Channel,
    Channel,
    unknown[],
    WorkOrder,
  ]
  if (!(await initialize(agent, payload, self, initargs))) return
  const hands = Hands.attach(agent, order.hands)
  await hands.opened()
  const worker = new Worker(agent, jobs, results, hands, order.mostJobs)
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
  readonly #hands: Hands
  readonly #mostJobs: number
  readonly #decode: (bytes: Uint8Array, offset: number, size: number) => JobRecord
  readonly #claim: (number: number) => boolean
  /** Hands without a job. */
  readonly #free: number[]
  /** The job that was taken last: its number, and the hand that it is in. */
  #number = 0
  #hand = 0
  #taken = 0
  /** Called when a hand becomes free. */
  #onFree: (() => void) | undefined
  /** The cheapest handle that can be ref'd and unref'd; it never has to fire. */
  readonly #busy = setInterval(() => {}, 2 ** 30).unref()

  constructor(agent: Agent, jobs: Channel, results: Channel, hands: Hands, mostJobs: number) {
    this.#agent = agent
    this.#jobs = jobs
    // One that has a single job in hand has nobody to harm.
    const onThread = (number: number | undefined) => {
      hands.onThread = number
    }
    this.#runner = new JobRunner(agent, results, hands.count > 1 ? onThread : undefined)
    this.#hands = hands
    this.#mostJobs = mostJobs
    this.#decode = (bytes, offset, size) => decodeJob(agent, bytes, offset, size)
    const free = Array.from({ length: hands.count }, (_, hand) => hand)
    this.#free = free
    const { words } = agent.family
    const stage = agent.slotAt + Slot.stage
    this.#claim = (number) => {
      // Under the lock under which the pool dooms a worker: it takes nothing more that would die with it.
      if (Atomics.load(words, stage) === Stage.doomed) return false
      this.#hand = free.pop() as number
      hands.claim(this.#hand, number)
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
        if (job === EMPTY) break
      }
      if (job === REVOKED) {
        this.#done(this.#hand)
        continue
      }
      const isLast = ++this.#taken === this.#mostJobs
      // The pool may start a successor meanwhile.
      if (isLast) this.#runner.tell(Status.lastTaken)
      const free = this.#begin(job)
      if (free) await free
      if (isLast) break
      if (performance.now() - lastTurn > BUSY_MS) {
        await new Promise((resolve) => setImmediate(resolve))
        lastTurn = performance.now()
      }
    }
    while (this.#free.length < this.#hands.count) await this.#freed()
  }

  /** Begins a job. A promise where another one cannot be taken yet. */
  #begin(job: unknown): Promise<void> | undefined {
    const hand = this.#hand
    const pending = this.#handle(job)
    if (pending === undefined) {
      this.#done(hand)
      return undefined
    }
    // An event loop with nothing to wait for ends, whatever the job waits for.
    this.#busy.ref()
    const done = pending.then(() => this.#done(hand))
    if (this.#hands.count === 1) return done
    return this.#free.length === 0 ? this.#freed() : undefined
  }

  #done(hand: number): void {
    this.#hands.release(hand)
    this.#free.push(hand)
    if (this.#free.length === this.#hands.count) this.#busy.unref()
    this.#onFree?.()
  }

  #freed(): Promise<void> {
    return new Promise((resolve) => {
      this.#onFree = resolve
    })
  }

  /** The next job, if one comes within the time that falling asleep and being woken would take. */
  #next(): unknown {
    const { ring } = this.#jobs
    const job = this.#take()
    // Other jobs in hand need the thread.
    const isIdle = this.#free.length === this.#hands.count
    if (job !== EMPTY || !isIdle || !spinUntil(this.#agent, () => ring.size > 0 || ring.isShut)) return job
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
    if ('undecodable' in (job as object)) {
      this.#runner.fail(this.#number, (job as { undecodable: unknown }).undecodable)
      return undefined
    }
    return this.#runner.run(this.#number, job as JobRecord)
  }
}
