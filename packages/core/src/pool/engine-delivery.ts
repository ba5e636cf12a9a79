import type { Agent } from '../agent.js'
import type { Engine } from '../engine.js'
import { ClosedError, QueueFullError, StateError, WorkerDiedError } from '../errors.js'
import { MOST_FAILED_STARTS } from './breakdown.js'
import { Cell } from './cells.js'
import { type EngineTasks, FIRST_LOOK_MS, type Task } from './engine-tasks.js'
import { Reply } from './engine-wire.js'
import { Mode } from './executor.js'

/** ms between two looks at what the engine does not tell of, at most. */
const LAST_LOOK_MS = 1000

/** So often a job is handed to workers that do not know its pool. They are told at once, so a few more than there are workers is much. */
const MOST_INTRODUCTIONS = 1000

/** Whose tasks are delivered. */
export interface Sender {
  /** Reads the results that have come. */
  drain(): void
  /** The engine has a task no more: as `drain`, and no result of the task's is kept back. */
  returned(task: Task): void
  /** A task will not be done. */
  lose(task: Task, error: unknown): void
  /** The worker with this pid does not know the pool. */
  introduce(pid: number): void
  /** A task has come back, done or not. */
  onReturn(): void
}

/**
 * Hands a pool's tasks to an engine, as often as it takes.
 *
 * What became of a task is not concluded from how the engine's promise settles, but from the task's cell: it was taken by a worker or it was not. One that was
 * not is handed over again, whatever the engine did to it; one that was has its result in the ring, or was lost when that worker *ended*.
 */
export class Delivery {
  readonly #agent: Agent
  readonly #engine: Engine
  readonly #tasks: EngineTasks
  readonly #sender: Sender
  #underWay = 0
  /** Jobs that the engine had no room for. */
  readonly #backlog: Task[] = []
  /** Until the next look whether there is room: only while the engine has nothing of this pool's, and so will not tell. */
  #room: NodeJS.Timeout | undefined
  #roomPatience = FIRST_LOOK_MS
  /** Whether a worker has ended before it came to a task. To be cleared by who has drawn the conclusion. */
  hasMissed = false

  constructor(agent: Agent, engine: Engine, tasks: EngineTasks, sender: Sender) {
    this.#agent = agent
    this.#engine = engine
    this.#tasks = tasks
    this.#sender = sender
  }

  /** How many tasks the engine has, wanted or not. */
  get underWay(): number {
    return this.#underWay
  }

  send(task: Task): void {
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

  /** Sees to it that the end of a task is noticed that is run without the engine's telling of it. */
  lookAfter(task: Task): void {
    if (task.lookedAfter) return
    task.lookedAfter = true
    const again = setTimeout(() => {
      task.lookedAfter = false
      if (this.#agent.closed || task.sent) return
      if (this.#tasks.isWanted(task)) this.#reconsider(task)
      else this.#tasks.release(task)
      this.#retry()
      this.#sender.onReturn()
    }, task.patience)
    // It may be one that never ends, in an application's worker.
    task.patience = Math.min(2 * task.patience, LAST_LOOK_MS)
    if (!this.#tasks.isWanted(task)) again.unref()
  }

  /** A worker has looked at the message. */
  #answered(task: Task, reply: unknown): void {
    task.sent = false
    task.accepted = true
    this.#underWay--
    if (this.#agent.closed) return
    this.#sender.returned(task)
    this.#tasks.release(task)
    if (reply !== Reply.done) this.#declined(task, reply as number)
    this.#roomPatience = FIRST_LOOK_MS
    this.#retry()
    this.#sender.onReturn()
  }

  /** The worker did not run it. */
  #declined(task: Task, reply: number): void {
    const isWanted = this.#tasks.isWanted(task)
    // Also where this job was taken back meanwhile: others follow it in the engine's queue.
    if (reply < 0) this.#sender.introduce(-reply)
    if (!isWanted) return
    if (reply < 0 && ++task.introductions > MOST_INTRODUCTIONS) this.#sender.lose(task, notIntroduced())
    else if (reply === Reply.stale) this.#reconsider(task)
    else this.send(task)
  }

  /** Somebody has run it, or does, upon a message that the engine had rejected and kept all the same (Piscina where `maxQueue` is 0). */
  #reconsider(task: Task): void {
    const { words, at, ticket } = task.cell
    const state = Atomics.load(words, at + Cell.state)
    // What was sent before the state changed.
    this.#sender.drain()
    if (!this.#tasks.isWanted(task)) return
    if (state === ticket) this.send(task)
    else if (state === 0) this.#sender.lose(task, new WorkerDiedError('the worker of this task could not send its result', 1, 0))
    else this.lookAfter(task)
  }

  /** The engine knows nothing about what came of it: its worker died, it was aborted, or there was no room. */
  #rejected(task: Task, error: unknown): void {
    task.sent = false
    task.cell.tainted = true
    this.#underWay--
    if (this.#agent.closed) return
    this.#sender.returned(task)
    const { ticket, words, at } = task.cell
    if (!this.#tasks.isWanted(task)) this.#tasks.release(task)
    else {
      const state = Atomics.load(words, at + Cell.state)
      if (state === ticket) this.#missed(task, this.#engine.explain(error))
      // The worker could not send its result.
      else if (state === 0) this.#sender.lose(task, error)
      // Otherwise a worker has it, which is about to end (the pool learns of that) or was given it in spite of all.
      else this.lookAfter(task)
    }
    // Where the engine had no room it has none now.
    if (this.#backlog.at(-1) === task) this.#awaitRoom()
    else this.#retry()
    this.#sender.onReturn()
  }

  /** No worker had come to it. */
  #missed(task: Task, error: unknown): void {
    if (error instanceof QueueFullError) {
      // A map asks for room for one of its jobs, not for all at once.
      if (task.job.mode !== Mode.call || task.accepted) this.#backlog.push(task)
      else this.#sender.lose(task, error)
      return
    }
    task.accepted = true
    if (error instanceof ClosedError) this.#sender.lose(task, error)
    // Of workers that are told of it at their start the pool knows whether they fail to.
    else if (this.#engine.introduces === 'at-start' || ++task.misses < MOST_FAILED_STARTS) {
      this.hasMissed = true
      this.send(task)
    } else this.#sender.lose(task, neverStarted(error))
  }

  /** Sends the first that the engine had no room for; those that nobody wants any more make way. */
  #retry(): void {
    for (let task = this.#backlog.shift(); task; task = this.#backlog.shift()) {
      if (this.#tasks.isWanted(task)) return this.send(task)
      this.#tasks.release(task)
    }
  }

  /** What fills the engine may be others' tasks, or such as it does not tell of. */
  #awaitRoom(): void {
    if (this.#underWay > 0 || this.#room) return
    this.#room = setTimeout(() => {
      this.#room = undefined
      if (!this.#agent.closed) this.#retry()
    }, this.#roomPatience)
    this.#roomPatience = Math.min(2 * this.#roomPatience, LAST_LOOK_MS)
  }

  /** There will be no more to deliver. */
  close(): void {
    clearTimeout(this.#room)
  }
}

function notIntroduced(): StateError {
  return new StateError(
    "the engine's workers do not come to know this pool: they may have another copy of this package, which is of this family already",
  )
}

function neverStarted(cause: unknown): WorkerDiedError {
  return new WorkerDiedError(`${MOST_FAILED_STARTS} workers in a row ended before they came to this task`, 1, 0, { cause })
}
