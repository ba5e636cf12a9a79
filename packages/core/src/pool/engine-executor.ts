import type { Agent } from '../agent.js'
import type { PoolStats } from '../contracts/pool.js'
import type { ProcessInfo } from '../contracts/process.js'
import type { Engine } from '../engine.js'
import { ClosedError, QueueFullError, StateError, WorkerDiedError } from '../errors.js'
import type { SabMemory } from '../memory/sab-memory.js'
import { Stage } from '../process/family.js'
import { type End, encodePayload, type Offspring } from '../process/offspring.js'
import { Channel } from '../queue/channel.js'
import type { OutgoingItem } from '../queue/outgoing.js'
import { EMPTY } from '../queue/ring.js'
import { Breakdown, MOST_FAILED_STARTS } from './breakdown.js'
import { Cell, type CellInUse, Cells, isRunBy, runnerOf } from './cells.js'
import { Condemned } from './condemned.js'
import { Crew, type Employer } from './crew.js'
import { INTRODUCTION, type Introduction, type JobMessage, LETTING_GO, type LettingGo, Reply } from './engine-wire.js'
import { type Executor, type Job, Mode } from './executor.js'
import { JobEncoder } from './job-encoder.js'
import { pairs, relocated, workerDied } from './job-errors.js'
import { Statistics, tasksOf } from './statistics.js'
import { type DecodedResult, decodeResult, Status } from './wire.js'
import { WorkerExecutor, type WorkerExecutorOptions } from './worker-executor.js'

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

/** A job on its way through the engine. */
interface Task {
  readonly job: Job
  readonly cell: CellInUse
  readonly message: JobMessage
  /** Whether the engine has it. */
  sent: boolean
  /** How many workers ended before they came to it. */
  misses: number
  /** How many did not know the pool. */
  introductions: number
  /** Whether it is looked after: {@link EngineExecutor}`.#lookAfter`. */
  lookedAfter: boolean
  /** ms until the next look. */
  patience: number
}

/** ms after which the pool looks again at a job that is run without the engine's telling of it: at first, and at most. */
const FIRST_LOOK_MS = 10
const LAST_LOOK_MS = 1000

/** So often a job is handed to workers that do not know its pool. They are told at once, so a few more than there are workers is much. */
const MOST_INTRODUCTIONS = 1000

/**
 * Runs a pool's jobs on an engine: each is one task of it, but all that the engine gets to see are the numbers of a cell (`cells.ts`). Results come through a
 * ring, as from core's own workers; what the engine answers says only that there is one.
 *
 * What became of a job is not concluded from how the engine's promise settles, but from the job's cell: it was taken by a worker or it was not. One that was
 * not is handed over again, whatever the engine did to it; one that was has its result in the ring, or was lost when that worker *ended*.
 */
export class EngineExecutor implements Executor, Employer {
  readonly #agent: Agent
  readonly #engine: Engine
  readonly #options: WorkerExecutorOptions
  readonly #results: Channel
  readonly #encoder: JobEncoder
  readonly #cells: Cells
  readonly #crew: Crew
  readonly #number = nextNumber()
  readonly introduction: Introduction
  readonly #decode: (bytes: Uint8Array, offset: number, size: number) => DecodedResult
  /** Jobs that are not settled, oldest first, by ticket. */
  readonly #tasks = new Map<number, Task>()
  /** Tasks that nobody waits for, and whose cells cannot be used again yet. */
  readonly #dropped = new Set<Task>()
  readonly #condemned: Condemned
  /** Jobs of maps that the engine had no room for. */
  readonly #backlog: Task[] = []
  /** How many the engine has. */
  #underWay = 0
  readonly #breakdown = new Breakdown(() => this.#settleDown())
  /** Tags of the workers that have begun with the initializer and are not through with it. */
  readonly #initializing = new Set<number>()
  /** Whether a worker has ended before it came to a task since one was last found to have failed to start. */
  #hasMissed = false
  readonly #statistics = new Statistics()
  #revoking = false
  #closing = false
  #blocking: WorkerExecutor | undefined
  #onIdle: (() => void) | undefined
  #ended: Promise<void> | undefined

  constructor(agent: Agent, engine: Engine, workers: WorkerExecutorOptions) {
    this.#agent = agent
    this.#engine = engine
    this.#options = workers
    this.#results = Channel.create(agent)
    this.#encoder = new JobEncoder(agent)
    this.#cells = new Cells(agent, engine)
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
      // An application does not say what else its workers have in hand.
      const isShared = !engine.owned && concurrency > 1
      this.#condemned = new Condemned(agent, this.#crew, {
        isNeeded: (hand) => this.#isNeeded(hand),
        letGo: isShared ? (hand, { ticket }) => this.#letGo(hand, ticket) : undefined,
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
    let [queued, running] = [0, 0]
    for (const { job, cell } of this.#tasks.values()) {
      if (runnerOf(cell) !== 0) running += tasksOf(job)
      else queued += tasksOf(job)
    }
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
    let cell: CellInUse
    try {
      cell = this.#cells.fill(record)
    } catch (error) {
      record.discard()
      throw error
    }
    const numbers = [this.#number, cell.packed, cell.ticket] as const
    const message: JobMessage = this.#engine.introduces === 'with-jobs' ? [...numbers, this.introduction] : numbers
    const task: Task = {
      job,
      cell,
      message,
      sent: false,
      misses: 0,
      introductions: 0,
      lookedAfter: false,
      patience: FIRST_LOOK_MS,
    }
    this.#tasks.set(cell.ticket, task)
    job.ticket = cell.ticket
    this.#send(task)
  }

  #send(task: Task): void {
    task.sent = true
    this.#underWay++
    let answer: Promise<unknown>
    try {
      answer = this.#engine.run(task.message)
    } catch (error) {
      answer = Promise.reject(error)
    }
    answer.then(
      (reply) => this.#answered(task, reply),
      (error: unknown) => this.#rejected(task, error),
    )
  }

  /** A worker has looked at the message. */
  #answered(task: Task, reply: unknown): void {
    task.sent = false
    this.#underWay--
    if (this.#agent.closed) return
    this.#drain()
    if (this.#dropped.size > 0) this.#release(task)
    if (reply !== Reply.done) this.#declined(task, reply as number)
    if (this.#condemned.size > 0) this.#condemned.execute()
    if (this.#backlog.length > 0) this.#retry()
    if (this.#closing) this.#settleDown()
  }

  /** The worker did not run it. */
  #declined(task: Task, reply: number): void {
    const isWanted = this.#tasks.get(task.cell.ticket) === task
    // Also where this job was taken back meanwhile: others follow it in the engine's queue.
    if (reply < 0 && (this.#tasks.size > 0 || !this.#closing)) this.#crew.introduce(-reply, this)
    if (!isWanted) return
    if (reply < 0 && ++task.introductions > MOST_INTRODUCTIONS) this.#lose(task, notIntroduced())
    else if (reply === Reply.stale) this.#reconsider(task)
    else this.#send(task)
  }

  /** Somebody has run it, or does, upon a message that the engine had rejected and kept all the same (Piscina where `maxQueue` is 0). */
  #reconsider(task: Task): void {
    const { words, at, ticket } = task.cell
    const state = Atomics.load(words, at + Cell.state)
    // What was sent before the state changed.
    this.#drain()
    if (this.#tasks.get(ticket) !== task) return
    if (state === ticket) this.#send(task)
    else if (state === 0) this.#lose(task, new WorkerDiedError('the worker of this task could not send its result', 1, 0))
    else this.#lookAfter(task)
  }

  /** Sees to it that the end of a job is noticed that is run without the engine's telling of it. */
  #lookAfter(task: Task): void {
    if (task.lookedAfter) return
    task.lookedAfter = true
    const again = setTimeout(() => {
      task.lookedAfter = false
      if (this.#agent.closed || task.sent) return
      if (this.#tasks.get(task.cell.ticket) === task) this.#reconsider(task)
      else this.#release(task)
      this.#settleDown()
    }, task.patience)
    // It may be one that never ends, in an application's worker.
    task.patience = Math.min(2 * task.patience, LAST_LOOK_MS)
    if (this.#tasks.get(task.cell.ticket) !== task) again.unref()
  }

  /** The engine knows nothing about what came of it: its worker died, it was aborted, or there was no room. */
  #rejected(task: Task, error: unknown): void {
    task.sent = false
    task.cell.tainted = true
    this.#underWay--
    if (this.#agent.closed) return
    this.#drain()
    const { ticket, words, at } = task.cell
    if (this.#tasks.get(ticket) !== task) this.#release(task)
    else {
      const state = Atomics.load(words, at + Cell.state)
      if (state === ticket) this.#missed(task, this.#engine.explain(error))
      // The worker could not send its result.
      else if (state === 0) this.#lose(task, error)
      // Otherwise a worker has it, which is about to end (see `workerEnded`) or was given it in spite of all.
      else this.#lookAfter(task)
    }
    // Not where the engine had no room: it has none now.
    if (this.#backlog.length > 0 && this.#backlog.at(-1) !== task) this.#retry()
    if (this.#closing) this.#settleDown()
  }

  /** No worker had come to it. */
  #missed(task: Task, error: unknown): void {
    if (error instanceof QueueFullError) {
      // A map asks for room for one of its jobs, not for all at once.
      if (task.job.mode !== Mode.call && this.#underWay > 0) this.#backlog.push(task)
      else this.#lose(task, error)
    } else if (error instanceof ClosedError) this.#lose(task, error)
    // Of workers that are told of it at their start the pool knows whether they fail to: see `workerEnded`.
    else if (this.#engine.introduces === 'at-start' || ++task.misses < MOST_FAILED_STARTS) {
      this.#hasMissed = true
      this.#send(task)
    } else this.#lose(task, this.#neverStarted(error))
  }

  #neverStarted(cause: unknown): WorkerDiedError {
    return new WorkerDiedError(`${MOST_FAILED_STARTS} workers in a row ended before they came to this task`, 1, 0, { cause })
  }

  #retry(): void {
    const task = this.#backlog.shift() as Task
    if (this.#tasks.get(task.cell.ticket) === task) this.#send(task)
    else this.#release(task)
  }

  #drain(): void {
    const { ring } = this.#results
    for (;;) {
      const result = ring.take(this.#decode)
      if (result === EMPTY) return
      const { number, status, values, failures, waited, ran } = result as DecodedResult
      if (status >= Status.lastTaken) {
        this.#heard(status, number)
        continue
      }
      if (number === 0) {
        this.#giveUp(failures[1])
        continue
      }
      const task = this.#tasks.get(number)
      if (!task) continue
      this.#tasks.delete(number)
      if (task.sent || task.cell.tainted) {
        this.#dropped.add(task)
        this.#release(task)
      } else this.#cells.release(task.cell)
      this.#statistics.ran(tasksOf(task.job), failures.length / 2, waited, ran)
      task.job.settle({ kind: 'done', values, failures: pairs(failures) })
    }
  }

  /** What a worker tells of itself. */
  #heard(news: Status, tag: number): void {
    if (news === Status.initializing) this.#initializing.add(tag)
    else if (this.#initializing.delete(tag)) this.#breakdown.started()
  }

  /** Ends a job that will not be done. */
  #lose(task: Task, error: unknown): void {
    this.#drop(task)
    this.#statistics.lost(tasksOf(task.job))
    task.job.settle({ kind: 'lost', error })
  }

  /** Nobody waits for it any more. `false`: a worker has it. */
  #drop(task: Task): boolean {
    const { words, at, ticket } = task.cell
    this.#tasks.delete(ticket)
    const state = Atomics.compareExchange(words, at + Cell.state, ticket, 0)
    this.#dropped.add(task)
    this.#release(task)
    return state >= 0
  }

  /** Gives a dropped task's cell back, if neither the engine nor a worker has it. */
  #release(task: Task): void {
    if (task.sent || !this.#dropped.has(task)) return
    if (runnerOf(task.cell) !== 0) return this.#lookAfter(task)
    this.#dropped.delete(task)
    this.#condemned.delete(task.cell)
    this.#cells.release(task.cell)
  }

  cancel(jobs: readonly Job[], running: boolean): void {
    if (this.#agent.closed) return
    for (const job of jobs) {
      const task = this.#tasks.get(job.ticket)
      if (task?.job !== job) continue
      // No worker begins it from here on.
      if (!this.#drop(task) && running) this.#condemned.add(task.cell)
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
    this.#drain()
    this.#condemned.execute()
    this.#settleDown()
  }

  #letGo(hand: Offspring, ticket: number): void {
    const word: LettingGo = { kind: LETTING_GO, pool: this.#number, ticket }
    this.#crew.tell(hand, word)
  }

  /** Whether a worker has anything in hand that somebody waits for. */
  #isNeeded(hand: Offspring): boolean {
    for (const { cell } of this.#tasks.values()) if (isRunBy(cell, hand.tag)) return true
    return false
  }

  workerEnded(hand: Offspring, end: End): void {
    if (this.#agent.closed) return
    // What it sent before it died counts.
    this.#drain()
    const its = ({ cell }: Task) => isRunBy(cell, hand.tag)
    const free = ({ cell }: Task) => Atomics.store(cell.words, cell.at + Cell.state, 0)
    for (const task of [...this.#dropped].filter(its)) {
      free(task)
      this.#release(task)
    }
    for (const task of [...this.#tasks.values()].filter(its)) {
      free(task)
      this.#lose(task, workerDied(hand, end))
    }
    if (this.#hasFailedToStart(hand, end)) {
      this.#hasMissed = false
      if (!this.#closing && this.#breakdown.startFailed()) this.#giveUp(workerDied(hand, { ...end, stage: Stage.starting }))
    } else if (this.#engine.introduces === 'at-start' && end.stage !== Stage.starting) this.#breakdown.started()
    if (this.#tasks.size > 0) this.#engine.stir()
    this.#settleDown()
  }

  /** Not one that was ended from outside, as engines do with idle workers: unless a task of the pool's was lost by that, for it may have died before it could tell why. */
  #hasFailedToStart({ tag }: Offspring, { stage, byItself }: End): boolean {
    const wasInitializing = this.#initializing.delete(tag)
    if (this.#engine.introduces === 'at-start') return stage === Stage.starting && (byItself || this.#hasMissed)
    // Others may have been there for other tasks, and never have heard of this pool.
    return wasInitializing && byItself
  }

  #giveUp(error: unknown): void {
    this.#breakdown.declare(error)
    for (const task of [...this.#tasks.values()]) this.#lose(task, error)
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
    for (const task of [...this.#tasks.values()]) this.#drop(task)
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

  /** The end of a pool that is closing: nothing pending, and no worker that has to end first. */
  #settleDown(): void {
    if (this.#closing && this.#tasks.size === 0 && !this.#breakdown.isTelling && this.#condemned.size === 0) this.#onIdle?.()
  }

  async #leave(): Promise<void> {
    await this.#blocking?.close()
    if (this.#engine.owned) {
      this.#engine.end()
      await this.#crew.whenEmpty()
    }
    this.#condemned.close()
    this.#crew.leave(this)
    if (this.#agent.closed) return
    for (const task of this.#dropped) this.#release(task)
    this.#cells.close()
    this.#encoder.close()
  }
}

function notIntroduced(): StateError {
  return new StateError(
    "the engine's workers do not come to know this pool: they may have another copy of this package, which is of this family already",
  )
}
