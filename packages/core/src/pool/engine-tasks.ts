import type { Agent } from '../agent.js'
import type { Engine } from '../engine.js'
import type { OutgoingItem } from '../queue/outgoing.js'
import { Cell, type CellInUse, Cells, runnerOf } from './cells.js'
import type { Introduction, JobMessage } from './engine-wire.js'
import type { Job } from './executor.js'
import { tasksOf } from './statistics.js'
import type { DecodedResult } from './wire.js'

/** A job on its way through an engine. */
export interface Task {
  readonly job: Job
  readonly cell: CellInUse
  readonly message: JobMessage
  /** Whether the engine has it. */
  sent: boolean
  /** Whether the engine has taken it once: it is not refused any more where there is no room for it later. */
  accepted: boolean
  /** How many workers ended before they came to it. */
  misses: number
  /** How many did not know the pool. */
  introductions: number
  /** Whether it is looked at again after some time. */
  lookedAfter: boolean
  /** ms until the next look. */
  patience: number
  /** What came of it, where the engine has yet to answer. */
  result: DecodedResult | undefined
}

/** ms until the first look at what the engine does not tell of. */
export const FIRST_LOOK_MS = 10

/** Told what becomes of dropped tasks. */
export interface DropListener {
  /** A worker has it still. */
  onStillRun(task: Task): void
  /** No worker has it any more. */
  onStopped(task: Task): void
}

/**
 * A pool's jobs on an engine while they are under way, and the cells that they lie in. A task is wanted until its job is settled; then it is dropped for as long as the engine or a worker
 * has it, for its cell cannot be used again before.
 */
export class EngineTasks {
  readonly #cells: Cells
  readonly #listener: DropListener
  /** Oldest first, by ticket. */
  readonly #wanted = new Map<number, Task>()
  readonly #dropped = new Set<Task>()

  constructor(agent: Agent, engine: Engine, listener: DropListener) {
    this.#cells = new Cells(agent, engine)
    this.#listener = listener
  }

  /** How many are wanted. */
  get size(): number {
    return this.#wanted.size
  }

  /** Those wanted, oldest first. */
  get wanted(): Task[] {
    return [...this.#wanted.values()]
  }

  /** Puts a job that was made ready into a cell. @throws ResourceError, with nothing taken */
  add(job: Job, record: OutgoingItem, messageOf: (cell: CellInUse) => JobMessage): Task {
    let cell: CellInUse
    try {
      cell = this.#cells.fill(record)
    } catch (error) {
      record.discard()
      throw error
    }
    const message = messageOf(cell)
    const task: Task = {
      job,
      cell,
      message,
      sent: false,
      accepted: false,
      misses: 0,
      introductions: 0,
      lookedAfter: false,
      patience: FIRST_LOOK_MS,
      result: undefined,
    }
    job.ticket = cell.ticket
    this.#wanted.set(cell.ticket, task)
    return task
  }

  isWanted(task: Task): boolean {
    return this.#wanted.get(task.cell.ticket) === task
  }

  /** The one with this ticket, if it is wanted. */
  get(ticket: number): Task | undefined {
    return this.#wanted.get(ticket)
  }

  /** The one of this job, if it is wanted. */
  of(job: Job): Task | undefined {
    const task = this.#wanted.get(job.ticket)
    return task?.job === job ? task : undefined
  }

  /** Calls of targets that wait for a worker, and that have one. */
  count(): { queued: number; running: number } {
    let [queued, running] = [0, 0]
    for (const { job, cell, result } of this.#wanted.values()) {
      if (result || runnerOf(cell) !== 0) running += tasksOf(job)
      else queued += tasksOf(job)
    }
    return { queued, running }
  }

  /** Whether the worker with this tag has any in hand that is wanted. */
  areRunBy(tag: number): boolean {
    for (const { cell } of this.#wanted.values()) if (runnerOf(cell) === tag) return true
    return false
  }

  /** The worker with this tag has ended: nobody runs any more what it had in hand. Gives what of that is wanted. */
  takeFrom(tag: number): Task[] {
    const its = ({ cell }: Task) => runnerOf(cell) === tag
    const dropped = [...this.#dropped].filter(its)
    const wanted = this.wanted.filter(its)
    for (const { cell } of [...dropped, ...wanted]) Atomics.store(cell.words, cell.at + Cell.state, 0)
    for (const task of dropped) {
      // The engine may never tell (Tinypool awaits the `teardown` of a worker that is dead).
      this.#listener.onStopped(task)
      this.release(task)
    }
    return wanted
  }

  /** Its result is told. */
  finish(task: Task): void {
    this.#wanted.delete(task.cell.ticket)
    // Mostly the engine has answered, and nothing else knows of the cell.
    if (task.sent || task.cell.tainted) this.#drop(task)
    else this.#cells.release(task.cell)
  }

  /** Nobody wants it any more: no worker begins it from here on. `false`: one has it. */
  drop(task: Task): boolean {
    const { words, at, ticket } = task.cell
    this.#wanted.delete(ticket)
    const state = Atomics.compareExchange(words, at + Cell.state, ticket, 0)
    this.#drop(task)
    return state >= 0
  }

  #drop(task: Task): void {
    this.#dropped.add(task)
    this.release(task)
  }

  /** Gives a dropped task's cell back, if neither the engine nor a worker has it. */
  release(task: Task): void {
    if (task.sent || !this.#dropped.has(task)) return
    if (runnerOf(task.cell) !== 0) return this.#listener.onStillRun(task)
    this.#dropped.delete(task)
    this.#listener.onStopped(task)
    this.#cells.release(task.cell)
  }

  /** What of the dropped is run by a worker, and whether the engine has any that no worker has begun. */
  leftovers(): { running: CellInUse[]; waiting: boolean } {
    const cells = [...this.#dropped].map(({ cell }) => cell)
    const running = cells.filter((cell) => runnerOf(cell) !== 0)
    return { running, waiting: running.length < cells.length }
  }

  /** Has the jobs that the engine still queues bring an introduction, or none. */
  introduceWith(introduction: Introduction | undefined): void {
    for (const { message } of this.#wanted.values()) {
      message.length = 3
      if (introduction) message.push(introduction)
    }
  }

  /** There will be no more. @param ended whether the engine's workers have all ended, so that no message can be under way any more */
  close(ended: boolean): void {
    for (const task of this.#dropped) {
      if (ended) task.sent = false
      this.release(task)
    }
    this.#cells.close()
  }
}
