import type { Agent } from '../agent.js'
import type { LogAgent } from '../contracts/log.js'
import type { PoolStats } from '../contracts/pool.js'
import type { ProcessInfo } from '../contracts/process.js'
import { channels, logAgent } from '../log/channels.js'
import { Stage } from '../process/family.js'
import { type End, Offspring } from '../process/offspring.js'
import { Channel } from '../queue/channel.js'
import type { OutgoingItem } from '../queue/outgoing.js'
import { EMPTY } from '../queue/ring.js'
import { asyncWaiter, runSync, syncWaiter, TICK_MS } from '../sync/suspend.js'
import type { TargetDescription } from '../target/describe.js'
import { relocated } from '../wire/relocated.js'
import { Breakdown } from './breakdown.js'
import type { Executor, Job } from './executor.js'
import { Hands } from './hands.js'
import { JobEncoder } from './job-encoder.js'
import { pairs, workerDied } from './job-errors.js'
import { PoolWorker } from './pool-worker.js'
import type { WorkOrder } from './serve.js'
import { Statistics, tasksOf } from './statistics.js'
import { type DecodedResult, decodeResult, Status } from './wire.js'

/** How a {@link WorkerExecutor} works. */
export interface WorkerExecutorOptions {
  /** How many workers. */
  readonly size: number
  readonly initializer: TargetDescription | undefined
  readonly initargs: readonly unknown[]
  /** Jobs that a worker has in hand at once. */
  readonly concurrency: number
  /** Jobs after which a worker is replaced; 0: never. */
  readonly mostJobs: number
}

/**
 * Core's own executor: workers that take jobs from one ring and put results into another. All jobs go straight into shared memory, so that workers never wait for
 * this agent's event loop; a worker notes the number of the job it takes before it takes it, so that its death costs that job and no other.
 *
 * A worker that is to take no more jobs *leaves*. One that has taken as many as it may keeps its place until they are done, and its successor is started meanwhile and
 * stands by. One in which a task was cancelled gives up its place at once, and is ended as soon as it has nothing else in hand.
 */
export class WorkerExecutor implements Executor {
  readonly #agent: Agent
  readonly #options: WorkerExecutorOptions
  readonly #jobs: Channel
  readonly #results: Channel
  readonly #encoder: JobEncoder
  /** Jobs that are not settled, by their number in the ring. */
  readonly #pending = new Map<number, Job>()
  readonly #breakdown = new Breakdown()
  /** Jobs that were cancelled and not revoked yet: thousands are when a signal is raised that they share, or when their time is up, and a pass over the ring serves all. */
  readonly #cancelled = new Map<Job, { readonly running: boolean }>()
  /** Whether a pass was made in this turn of the event loop. */
  #hasRevoked = false
  readonly #workers = new Set<PoolWorker>()
  /** Of these, those that take no more jobs. */
  readonly #leaving = new Set<PoolWorker>()
  readonly #statistics: Statistics
  readonly #decode: (bytes: Uint8Array, offset: number, size: number) => DecodedResult
  #names = 0
  #listening = false
  #closing = false
  #held = false
  #onIdle: (() => void) | undefined
  #ended: Promise<void> | undefined

  /**
   * @param statistics to add to
   * @throws what the launcher throws when the first worker cannot be started, and nothing is left
   */
  constructor(agent: Agent, options: WorkerExecutorOptions, statistics = new Statistics()) {
    this.#agent = agent
    this.#statistics = statistics
    this.#options = options
    this.#jobs = Channel.create(agent)
    this.#results = Channel.create(agent)
    this.#encoder = new JobEncoder(agent)
    this.#decode = (bytes, offset, length) => decodeResult(agent, bytes, offset, length)
    try {
      this.#staff()
    } catch (error) {
      void this.terminate()
      throw relocated(error, (path) => path.replace(/^args\[2\]/, 'initargs'))
    }
  }

  get workers(): readonly ProcessInfo[] {
    return [...this.#workers].filter(({ isLeaving }) => !isLeaving).map(({ offspring }) => offspring.info)
  }

  get stats(): PoolStats {
    const taken = new Set([...this.#workers].flatMap(({ hands }) => hands.claims()))
    let [queued, running] = [0, 0]
    for (const [number, job] of this.#pending) {
      if (taken.has(number)) running += tasksOf(job)
      else queued += tasksOf(job)
    }
    return this.#statistics.snapshot(queued, running)
  }

  get blocking(): Executor {
    return this
  }

  submit(jobs: readonly Job[]): void {
    const [first] = jobs
    if (jobs.length === 1 && first) return this.#offer(first, this.#encoder.prepare(first))
    // All are encoded before any worker can see one.
    const ready = this.#encoder.prepareAll(jobs)
    jobs.forEach((job, n) => {
      this.#offer(job, ready[n] as OutgoingItem)
    })
  }

  #offer(job: Job, record: OutgoingItem): void {
    if (this.#breakdown.reason) {
      record.discard()
      return this.#breakdown.refuse(job)
    }
    // This agent is the only producer, so the next record's number is known.
    const { ring } = this.#jobs
    const number = ring.puts
    try {
      ring.offer(record)
    } catch (error) {
      record.discard()
      throw error
    }
    record.done()
    this.#pending.set(number, job)
    this.#listen()
  }

  cancel(jobs: readonly Job[], running: boolean): void {
    if (this.#cancelled.size === 0) this.#revokeSoon()
    const how = { running }
    for (const job of jobs) this.#cancelled.set(job, how)
  }

  /** The first time in a turn of the event loop before any caller can learn of it, and free a worker for what is still queued; what else is cancelled in that turn, at its end. */
  #revokeSoon(): void {
    if (this.#hasRevoked) return void setImmediate(() => this.#revoke())
    this.#hasRevoked = true
    queueMicrotask(() => this.#revoke())
    setImmediate(() => {
      this.#hasRevoked = false
    })
  }

  /** Drops what was cancelled and is still queued, and ends the workers that are busy with the rest. */
  #revoke(): void {
    if (this.#cancelled.size === 0 || this.#agent.closed) return
    const numbers = new Map<number, { readonly running: boolean }>()
    for (const [number, job] of this.#pending) {
      const how = this.#cancelled.get(job)
      if (how) numbers.set(number, how)
    }
    this.#cancelled.clear()
    const cancelled = { has: (number: number) => numbers.get(number)?.running === true }
    const doomed: PoolWorker[] = []
    this.#jobs.ring.revoke(
      (number) => numbers.has(number),
      () => {
        for (const worker of this.#workers) {
          if (!worker.hands.claims().some(cancelled.has)) continue
          // It can take no other job now, so the kill, whenever it strikes, hits nothing else.
          worker.doom()
          doomed.push(worker)
        }
      },
    )
    for (const number of numbers.keys()) this.#pending.delete(number)
    for (const worker of doomed) {
      if (this.#isNeeded(worker)) {
        this.#leave(worker, false)
        worker.killIfBlockedBy(cancelled)
      } else worker.offspring.kill(true)
    }
    this.#stopListening()
    this.#settleDown()
  }

  /** Whether it has anything in hand that somebody waits for. */
  #isNeeded({ hands }: PoolWorker): boolean {
    return hands.claims().some((number) => this.#pending.has(number))
  }

  /** @param keepsPlace until what it has in hand is done */
  #leave(worker: PoolWorker, keepsPlace: boolean): void {
    worker.isLeaving = true
    worker.keepsPlace = keepsPlace
    this.#leaving.add(worker)
    this.#replace(worker)
  }

  /** Looks after those who leave: the places of those who are done are taken, and those who would never end are ended. */
  #seeOff(): void {
    for (const worker of this.#leaving) {
      if (this.#isNeeded(worker)) continue
      this.#leaving.delete(worker)
      // One that has done all it may ends by itself.
      if (worker.keepsPlace) worker.keepsPlace = false
      else worker.offspring.kill(true)
    }
    this.#admit()
  }

  waitSync(isDone: () => boolean, deadline: number): boolean {
    // What else the event loop would do.
    this.#revoke()
    this.#breakdown.tell()
    const slow = this.#results.ring.drain(syncWaiter(this.#agent), TICK_MS, (resumption) => {
      this.#drain()
      if (resumption === 'tick') for (const { offspring } of [...this.#workers]) offspring.look()
      return isDone()
    })
    return runSync(this.#agent, slow, deadline)
  }

  joinSync(deadline: number): boolean {
    if (!this.waitSync(() => this.#pending.size === 0, deadline)) return false
    for (;;) {
      const worker = [...this.#workers].find(({ offspring }) => !offspring.look())
      if (!worker) return true
      if (!worker.offspring.waitSync(deadline)) return false
    }
  }

  close(): Promise<void> {
    if (this.#ended) return this.#ended
    this.#closing = true
    this.#jobs.ring.shut(false)
    return this.#whenEnded()
  }

  terminate(): Promise<void> {
    this.#closing = true
    this.#pending.clear()
    this.#cancelled.clear()
    this.#stopListening()
    if (!this.#agent.closed) this.#jobs.ring.shut(true)
    for (const { offspring } of this.#workers) offspring.kill(true)
    return this.#whenEnded()
  }

  #whenEnded(): Promise<void> {
    // Waiting for them keeps this agent alive; an idle pool does not.
    this.#held = true
    for (const { offspring } of this.#workers) offspring.hold(true)
    this.#ended ??= new Promise<void>((resolve) => {
      this.#onIdle = resolve
    }).then(() => {
      if (this.#agent.closed) return
      this.#encoder.close()
    })
    this.#settleDown()
    return this.#ended
  }

  /** The end of a pool that is closing: nothing pending, nobody left. */
  #settleDown(): void {
    if (this.#closing && this.#pending.size === 0 && this.#workers.size === 0) this.#onIdle?.()
  }

  #start(open: boolean): PoolWorker {
    const { initializer, initargs, concurrency, mostJobs } = this.#options
    const about = { name: `PoolWorker-${++this.#names}`, daemon: false, env: undefined }
    const hands = Hands.create(this.#agent, concurrency, open)
    const order: WorkOrder = { hands: hands.reference, mostJobs }
    const args = [this.#jobs, this.#results, initargs, order]
    try {
      const ended = (end: End) => this.#workerEnded(worker, end)
      const offspring = Offspring.launch(this.#agent, about, { role: 'pool', target: initializer }, args, ended)
      const worker: PoolWorker = new PoolWorker(this.#agent, offspring, hands, open)
      offspring.hold(this.#held)
      this.#workers.add(worker)
      return worker
    } catch (error) {
      hands.free()
      throw error
    }
  }

  /** Starts as many workers as are missing. Those for whom there is no place yet stand by. */
  #staff(leaving?: PoolWorker): void {
    let missing = this.#options.size
    for (const { isLeaving } of this.#workers) if (!isLeaving) missing--
    for (; missing > 0; missing--) {
      const worker = this.#start(this.#placesTaken() < this.#options.size)
      if (leaving) leaving.successor ??= worker.offspring
    }
  }

  /** Starts a successor while there is work to do. */
  #replace(worker: PoolWorker): void {
    try {
      if (!this.#breakdown.reason && (!this.#closing || this.#jobs.ring.size > 0)) this.#staff(worker)
    } catch (error) {
      if (this.#workers.size === 0) this.#giveUp(error)
    }
    this.#admit()
  }

  #placesTaken(): number {
    let taken = 0
    for (const { isLeaving, isOpen, keepsPlace } of this.#workers) if (isLeaving ? keepsPlace : isOpen) taken++
    return taken
  }

  /** Lets those who stand by begin, as far as there are places. */
  #admit(): void {
    for (const worker of this.#workers) {
      if (!worker.isLeaving && !worker.isOpen && this.#placesTaken() < this.#options.size) worker.open()
    }
  }

  #tellReplaced(worker: Offspring, { exitCode }: End, successor: Offspring): void {
    const [dead, next] = [worker, successor].map(({ info, pid }) => ({ name: info.name, pid })) as [LogAgent, LogAgent]
    channels.workerReplaced.publish({ agent: logAgent(this.#agent), worker: dead, exitCode, successor: next })
  }

  #listen(): void {
    if (this.#listening) return
    this.#listening = true
    const slow = this.#results.ring.drain(asyncWaiter(this.#agent), 0, () => {
      this.#drain()
      this.#listening = this.#pending.size > 0
      return !this.#listening
    })
    this.#agent.waiters.run(this.#results.line, slow, Number.POSITIVE_INFINITY, undefined).catch((error: unknown) => {
      this.#listening = false
      this.#giveUp(error)
    })
  }

  /** The wait for results ends when nothing is pending; where no result brings that about, it must look again. */
  #stopListening(): void {
    if (this.#listening && this.#pending.size === 0 && !this.#agent.closed) this.#results.ring.nudge()
  }

  #drain(): void {
    const { ring } = this.#results
    for (;;) {
      const result = ring.take(this.#decode)
      if (result === EMPTY) break
      const { number, status, values, failures, waited, ran } = result as DecodedResult
      if (status === Status.lastTaken) this.#hasTakenLast(number)
      else {
        const job = this.#pending.get(number)
        if (!job) continue
        this.#pending.delete(number)
        this.#statistics.ran(tasksOf(job), failures.length / 2, waited, ran)
        job.settle({ kind: 'done', values, failures: pairs(failures) })
      }
    }
    if (this.#leaving.size > 0) this.#seeOff()
  }

  #hasTakenLast(tag: number): void {
    for (const worker of this.#workers) if (worker.offspring.tag === tag && !worker.isLeaving) this.#leave(worker, true)
  }

  #workerEnded(worker: PoolWorker, end: End): void {
    const { offspring } = worker
    this.#workers.delete(worker)
    if (this.#agent.closed) return worker.forget()
    // What it sent before it died counts.
    this.#drain()
    this.#leaving.delete(worker)
    for (const number of worker.hands.claims()) {
      // A job that it noted and did not come to take is still in the ring.
      const job = ((this.#jobs.ring.gets - number) | 0) > 0 ? this.#pending.get(number) : undefined
      if (!job) continue
      this.#pending.delete(number)
      this.#statistics.lost(tasksOf(job))
      job.settle({ kind: 'lost', error: workerDied(offspring, end) })
      this.#stopListening()
    }
    worker.forget()
    if (end.stage === Stage.starting || end.stage === Stage.failed) this.#startFailed(offspring, end)
    else this.#breakdown.started()
    this.#replace(worker)
    if (worker.successor && channels.workerReplaced.hasSubscribers) this.#tellReplaced(offspring, end, worker.successor)
    this.#settleDown()
  }

  #startFailed(worker: Offspring, end: End): void {
    if (end.stage === Stage.failed) this.#giveUp(end.error)
    else if (this.#breakdown.startFailed()) this.#giveUp(workerDied(worker, end))
  }

  #giveUp(error: unknown): void {
    this.#breakdown.declare(error)
    const jobs = [...this.#pending.values()]
    this.#pending.clear()
    for (const job of jobs) job.settle({ kind: 'lost', error })
    this.#stopListening()
  }
}
