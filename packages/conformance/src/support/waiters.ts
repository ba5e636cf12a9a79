import type { Condition, Context, Process, Queue } from '@multiproc/core'
import { type Told, waitAndTell } from '../workers/conditions.js'
import type { Form } from './forms.js'

/** Agents that wait at a condition, one after the other, and what they tell. */
export class Waiters {
  readonly processes: Process[] = []
  readonly #mp: Context
  readonly #condition: Condition
  readonly #told: Queue<Told>

  constructor(mp: Context, condition: Condition) {
    this.#mp = mp
    this.#condition = condition
    this.#told = new mp.Queue()
  }

  /** One more, which waits when this is done. */
  async add(who: string, form: Form, timeout?: number): Promise<Process> {
    const args = [this.#condition, who, this.#told, form, timeout] satisfies Parameters<typeof waitAndTell>
    const process = new this.#mp.Process({ target: waitAndTell, args, name: who }).start()
    this.processes.push(process)
    const [, said, locked] = await this.#told.get()
    if (said !== 'waits' || !locked) throw new Error(`${who} told ${String(said)}`)
    // It has the lock until it waits.
    await this.#condition.runExclusive(() => {})
    return process
  }

  /** What the next one tells whose wait has ended. */
  next(): Promise<Told> {
    return this.#told.get()
  }

  /** What is told and nobody has asked for. */
  get untold(): number {
    return this.#told.size
  }
}
