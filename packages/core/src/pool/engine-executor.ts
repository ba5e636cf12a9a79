import type { Agent } from '../agent.js'
import type { PoolStats } from '../contracts/pool.js'
import type { ProcessInfo } from '../contracts/process.js'
import type { Engine } from '../engine.js'
import type { SabMemory } from '../memory/sab-memory.js'
import { Stage } from '../process/family.js'
import { type End, encodePayload, type Offspring } from '../process/offspring.js'
import { Channel } from '../queue/channel.js'
import type { OutgoingItem } from '../queue/outgoing.js'
import { EMPTY } from '../queue/ring.js'
import { relocated } from '../wire/relocated.js'
import { Breakdown } from './breakdown.js'
import { Condemned } from './condemned.js'
import { Crew, type Employer } from './crew.js'
import { Delivery, type Sender } from './engine-delivery.js'
import { Initializers } from './engine-initializers.js'
import { EngineTasks, type Task } from './engine-tasks.js'
import { INTRODUCTION, type Introduction, LETTING_GO, type LettingGo, POOL_ENDED, type PoolEnded } from './engine-wire.js'
import type { Executor, Job } from './executor.js'
import { JobEncoder } from './job-encoder.js'
import { pairs, workerDied } from './job-errors.js'
import { type LeavingPool, Leftovers } from './leftovers.js'
import { Statistics, tasksOf } from './statistics.js'
import { type DecodedResult, decodeResult, Status } from './wire.js'
import { WorkerExecutor, type WorkerExecutorOptions } from './worker-executor.js'

/** ms that the end of a pool waits for the engine's answers about jobs that were taken back. */
const ANSWERS_MS = 500
const NUMBERS = Symbol.for('multiproc.numbers')

/** Of a pool or a family of this thread: its engines' workers know them by these, and may serve several copies of this package. */
function nextNumber(): number {
  const globals = globalThis as { [NUMBERS]?: number }
  const number = (globals[NUMBERS] ?? 0) + 1
  globals[NUMBERS] = number
  return number
}

const familyNumbers = new WeakMap<Agent, number>()

function familyOf(agent: Agent): number {
  const number = familyNumbers.get(agent) ?? nextNumber()
  familyNumbers.set(agent, number)
  return number
}

/**
 * Runs a pool's jobs on an engine: each is one task of it, but all that the engine gets to see are the numbers of a cell (`cells.ts`). Results come through a
 * ring, as from core's own workers; what the engine answers says only that there is one (`engine-delivery.ts`).
 */
export class EngineExecutor implements Executor, Employer, Sender, LeavingPool {
  readonly #agent: Agent
  readonly #engine: Engine
  readonly #options: WorkerExecutorOptions
  readonly #results: Channel
  readonly #encoder: JobEncoder
  readonly #tasks: EngineTasks
  readonly #delivery: Delivery
  readonly #crew: Crew
  readonly #number = nextNumber()
  readonly introduction: Introduction
  readonly #decode: (bytes: Uint8Array, offset: number, size: number) => DecodedResult
  readonly #condemned: Condemned
  readonly #breakdown = new Breakdown(() => this.#settleDown())
  readonly #initializers: Initializers
  /** Whether its workers may have tasks of the application's in hand beside the pool's: it does not say. */
  readonly #isShared: boolean
  /** Tags of the workers that know the pool, where they have to be told. */
  readonly #acquainted = new Set<number>()
  /** Whether jobs bring the introduction. */
  #introducing: boolean
  readonly #statistics = new Statistics()
  readonly #leftovers = new Leftovers(this)
  #answers: NodeJS.Timeout | undefined
  #isImpatient = false
  #hasEndedLeftovers = false
  #revoking = false
  #closing = false
  #blocking: WorkerExecutor | undefined
  #onIdle: (() => void) | undefined
  #ended: Promise<void> | undefined

  constructor(agent: Agent, engine: Engine, workers: WorkerExecutorOptions) {
    this.#agent = agent
    this.#engine = engine
    this.#options = workers
    this.#introducing = engine.introduces !== 'at-start'
    this.#results = Channel.create(agent)
    this.#encoder = new JobEncoder(agent)
    this.#tasks = new EngineTasks(agent, engine, {
      onStillRun: (task) => this.#delivery.lookAfter(task),
      onStopped: ({ cell }) => this.#condemned.delete(cell),
    })
    this.#delivery = new Delivery(agent, engine, this.#tasks, this)
    this.#decode = (bytes, offset, length) => decodeResult(agent, bytes, offset, length)
    try {
      const about = { role: 'pool', target: workers.initializer, name: 'PoolWorker', daemon: false } as const
      const payload = encodePayload(agent, about, [this.#results, workers.initargs])
      const { segments } = agent.memory as SabMemory
      const { options, owned } = engine
      const { concurrency, mostJobs } = workers
      this.introduction = {
        kind: INTRODUCTION,
        unasked: engine.introduces === 'at-start',
        pool: this.#number,
        family: familyOf(agent),
        segments,
        payload,
        options,
        owned,
        concurrency,
        mostJobs,
      }
      this.#crew = Crew.hire(agent, engine, this)
      this.#initializers = new Initializers(agent, this.#crew, this.#number, engine.introduces === 'at-start')
      this.#isShared = !engine.owned && concurrency > 1
      this.#condemned = new Condemned(agent, this.#crew, {
        isNeeded: ({ tag }) => this.#tasks.areRunBy(tag),
        letGo: this.#isShared ? (hand, { ticket }) => this.#letGo(hand, ticket) : undefined,
        onNone: () => this.#settleDown(),
      })
    } catch (error) {
      if (engine.owned) engine.end()
      throw relocated(error, (path) => path.replace(/^args\[1\]/, 'initargs'))
    }
  }

  get workers(): readonly ProcessInfo[] {
    return this.#crew.present.map((hand) => hand.info)
  }

  get stats(): PoolStats {
    const { queued, running } = this.#tasks.count()
    const blocking = this.#blocking?.stats
    return this.#statistics.snapshot(queued + (blocking?.queued ?? 0), running + (blocking?.running ?? 0))
  }

  /** No engine has workers that take work without this thread's event loop; core's own do. */
  get blocking(): Executor {
    if (this.#breakdown.reason) return this
    this.#blocking ??= new WorkerExecutor(this.#agent, this.#options, this.#statistics)
    return this.#blocking
  }

  submit(jobs: readonly Job[]): void {
    const [first] = jobs
    if (jobs.length === 1 && first) return this.#offer(first, this.#encoder.prepare(first))
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
    const task = this.#tasks.add(job, record, ({ packed, ticket }) =>
      this.#introducing ? [this.#number, packed, ticket, this.introduction] : [this.#number, packed, ticket],
    )
    this.#delivery.send(task)
  }

  workerCame(): void {
    this.#considerIntroducing()
  }

  /**
   * Jobs introduce the pool as long as there are workers that do not know it. One that came without would be declined there, and have its place at the end of the engine's queue then, behind others
   * that may wait for it.
   */
  #considerIntroducing(): void {
    if (this.#engine.introduces !== 'when-needed') return
    const introducing = this.#acquainted.size === 0 || this.#acquainted.size < this.#crew.size
    if (introducing === this.#introducing) return
    this.#introducing = introducing
    this.#tasks.introduceWith(introducing ? this.introduction : undefined)
  }

  introduce(pid: number): void {
    if (this.#tasks.size > 0 || !this.#closing) this.#crew.introduce(pid, this)
  }

  onReturn(): void {
    if (this.#condemned.size > 0) this.#condemned.execute()
    this.#leftovers.look()
    if (this.#closing) this.#settleDown()
  }

  drain(): void {
    const { ring } = this.#results
    for (;;) {
      const result = ring.take(this.#decode)
      if (result === EMPTY) return
      const { number, status, failures } = result as DecodedResult
      if (status >= Status.lastTaken) {
        if (status === Status.introduced) {
          this.#acquainted.add(number)
          this.#considerIntroducing()
        } else if (this.#initializers.heard(status, number)) this.#breakdown.started()
        continue
      }
      if (number === 0) {
        this.#giveUp(failures[1])
        continue
      }
      this.#breakdown.started()
      const task = this.#tasks.get(number)
      if (!task) continue
      task.result = result as DecodedResult
      // On the application's instance a call is over when the engine knows it, too: ending the instance next would meet the answer on its way, which Piscina calls an error.
      if (this.#engine.owned || !task.sent) this.#tell(task)
    }
  }

  returned(task: Task): void {
    this.drain()
    this.#tell(task)
  }

  /** Tells what came of a task, if that is there and has not been told. */
  #tell(task: Task): void {
    const { job, result } = task
    if (!result || !this.#tasks.isWanted(task)) return
    const { values, failures, waited, ran } = result
    this.#tasks.finish(task)
    this.#statistics.ran(tasksOf(job), failures.length / 2, waited, ran)
    job.settle({ kind: 'done', values, failures: pairs(failures) })
  }

  lose(task: Task, error: unknown): void {
    // Whoever was told of another one that was lost may have cancelled it.
    if (!this.#tasks.isWanted(task)) return
    // What it has done counts.
    if (task.result) return this.#tell(task)
    this.#tasks.drop(task)
    this.#statistics.lost(tasksOf(task.job))
    task.job.settle({ kind: 'lost', error })
  }

  cancel(jobs: readonly Job[], running: boolean): void {
    if (this.#agent.closed) return
    for (const job of jobs) {
      const task = this.#tasks.of(job)
      if (task && !this.#tasks.drop(task) && running) this.#condemned.add(task.cell)
    }
    if (this.#revoking) return
    this.#revoking = true
    setImmediate(() => this.#revoke())
  }

  /**
   * Ends the workers that are busy with what was cancelled: once for all calls that end together. What had not begun will find nothing to do when its turn comes. The
   * engines' own signals are not used: they would let a task that has one run alone in its worker, change the order of the queue, and end a worker that
   * was given the task and has not begun it.
   */
  #revoke(): void {
    this.#revoking = false
    if (this.#agent.closed) return
    this.drain()
    this.#condemned.execute()
    this.#initializers.makeWay()
    this.#leftovers.lookAnew()
    this.#settleDown()
  }

  get hasLeftovers(): boolean {
    return this.#tasks.size === 0 && this.#delivery.underWay > 0 && !this.#agent.closed
  }

  endRunning(): boolean {
    const { running, waiting } = this.#tasks.leftovers()
    for (const cell of running) this.#condemned.add(cell)
    this.#condemned.execute()
    return waiting && !this.#isShared
  }

  endInitializers(): void {
    this.#initializers.end()
  }

  #letGo(hand: Offspring, ticket: number): void {
    const word: LettingGo = { kind: LETTING_GO, pool: this.#number, ticket }
    this.#crew.tell(hand, word)
  }

  workerEnded(hand: Offspring, end: End, wasReady: boolean): void {
    if (this.#agent.closed) return
    this.#acquainted.delete(hand.tag)
    this.#considerIntroducing()
    // What it sent before it died counts, and nobody may answer for it any more.
    this.drain()
    for (const task of this.#tasks.wanted) this.#tell(task)
    for (const task of this.#tasks.takeFrom(hand.tag)) this.lose(task, workerDied(hand, end))
    if (this.#hasFailedToStart(hand, end, wasReady)) {
      this.#delivery.hasMissed = false
      if ((!this.#closing || this.#tasks.size > 0) && this.#breakdown.startFailed())
        this.#giveUp(workerDied(hand, { ...end, stage: Stage.starting }))
    } else if (this.#engine.introduces === 'at-start' && end.stage !== Stage.starting) this.#breakdown.started()
    if (this.#tasks.size > 0) this.#engine.stir()
    this.#settleDown()
  }

  /** Not one that was ended from outside, as engines do with idle workers: unless a task of the pool's was lost by that, for it may have died before it could tell why. */
  #hasFailedToStart({ tag }: Offspring, { stage, byItself }: End, wasReady: boolean): boolean {
    const wasInitializing = this.#initializers.delete(tag)
    if (this.#engine.introduces === 'at-start') return stage === Stage.starting && (byItself || this.#delivery.hasMissed)
    // Others may have been there for other tasks, and never have heard of this pool. But what the engine loads concerns all.
    return wasInitializing ? byItself : !wasReady && this.#tasks.size > 0
  }

  #giveUp(error: unknown): void {
    this.#breakdown.declare(error)
    for (const task of this.#tasks.wanted) this.lose(task, error)
    this.#settleDown()
  }

  waitSync(isDone: () => boolean): boolean {
    this.#breakdown.tell()
    return isDone()
  }

  close(): Promise<void> {
    this.#closing = true
    this.#ended ??= this.#whenIdle().then(() => this.#leave())
    return this.#ended
  }

  terminate(): Promise<void> {
    this.#closing = true
    this.#ended ??= this.#whenIdle().then(() => this.#leave())
    if (this.#agent.closed) return this.#ended
    for (const task of this.#tasks.wanted) this.#tasks.drop(task)
    if (!this.#engine.owned) this.#revoke()
    void this.#blocking?.terminate()
    if (this.#engine.owned) {
      for (const hand of [...this.#crew.all]) hand.kill(true)
      // Here, and not when all is settled, for it is what settles what a worker has in hand.
      this.#engine.end()
    }
    this.#settleDown()
    return this.#ended
  }

  #whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve
      this.#settleDown()
    })
  }

  /** The workers go on without the pool, and are not to be busy with what is left of it. */
  #endLeftovers(): void {
    if (this.#hasEndedLeftovers || this.#agent.closed) return
    this.#hasEndedLeftovers = true
    // Who has begun with the initializer.
    this.drain()
    if (this.endRunning()) this.#initializers.end()
  }

  /** The end of a pool that is closing: nothing pending, and no worker that has to end first. */
  #settleDown(): void {
    if (!this.#closing || this.#tasks.size > 0) return
    if (!this.#engine.owned) this.#endLeftovers()
    const isAnswered = this.#engine.owned || this.#delivery.underWay === 0
    // The application's own tasks may be before them for ever.
    if (!isAnswered) {
      this.#answers ??= setTimeout(() => {
        this.#isImpatient = true
        this.#settleDown()
      }, ANSWERS_MS)
    }
    if (!(isAnswered || this.#isImpatient) || this.#breakdown.isTelling || this.#condemned.size > 0) return
    if (!this.#initializers.areEnding) this.#onIdle?.()
  }

  async #leave(): Promise<void> {
    await this.#blocking?.close()
    if (this.#engine.owned) {
      this.#engine.end()
      await this.#crew.whenEmpty()
    }
    this.#leftovers.close()
    clearTimeout(this.#answers)
    this.#condemned.close()
    this.#delivery.close()
    const word: PoolEnded = { kind: POOL_ENDED, pool: this.#number }
    this.#crew.leave(this, word)
    if (this.#agent.closed) return
    this.#tasks.close(this.#engine.owned)
    this.#encoder.close()
  }
}
