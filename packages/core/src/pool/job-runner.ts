import type { Agent } from '../agent.js'
import { NotCloneableError } from '../errors.js'
import { logged } from '../log/tasks.js'
import type { Channel } from '../queue/channel.js'
import { OutgoingItem } from '../queue/outgoing.js'
import { Offered } from '../queue/ring.js'
import { loadTarget } from '../target/resolve.js'
import { isThenable } from '../thenable.js'
import { sendable } from '../wire/error-envelope.js'
import { sharedNow } from './clock.js'
import { Mode } from './executor.js'
import { type JobRecord, type News, prepareNews, prepareResult, readTarget } from './wire.js'

type Target = (...args: unknown[]) => unknown

/** Runs a pool's jobs in a worker, however they came to it, and puts their results into the pool's ring. */
export class JobRunner {
  readonly #agent: Agent
  readonly #results: Channel
  readonly #outgoing: OutgoingItem
  readonly #targets = new Map<number, Target>()

  readonly #onThread: ((number: number | undefined) => void) | undefined
  /** Jobs under way that nobody waits for. */
  readonly #letGo = new Set<number>()

  /** @param onThread told which job has the thread, until its next `await`, and when none has */
  constructor(agent: Agent, results: Channel, onThread?: (number: number | undefined) => void) {
    this.#agent = agent
    this.#onThread = onThread
    this.#results = results
    this.#outgoing = new OutgoingItem(agent)
  }

  /** Does a job and sends its result. A promise only where it has to wait. @param number by which the pool knows the job */
  run(number: number, record: JobRecord): Promise<void> | undefined {
    const fn = this.#targets.get(record.target)
    const taken = sharedNow()
    return fn ? this.#run(logged(this.#agent, fn), number, record, taken) : this.#loadAndRun(number, record, taken)
  }

  /** Sends an error as the result of a job that could not be run at all. */
  fail(number: number, error: unknown): void {
    this.#send(number, [], [0, error], sharedNow(), 0)
  }

  /** Nobody waits any more for a job that is under way: it does no more than it has begun, and sends nothing. */
  letGo(number: number): void {
    this.#letGo.add(number)
  }

  /** Tells the pool something of this worker. */
  tell(news: News): void {
    const record = prepareNews(this.#outgoing, this.#agent.tag, news)
    try {
      this.#results.ring.offer(record)
    } catch {
      // No memory: then the pool learns it when this worker ends.
    }
    record.done()
  }

  async #loadAndRun(number: number, record: JobRecord, taken: number): Promise<void> {
    let fn: Target
    try {
      fn = await loadTarget(readTarget(this.#agent, record.target))
    } catch (error) {
      if (this.#letGo.delete(number)) return
      const count = record.mode === Mode.call ? 1 : record.args.length
      const failures = Array.from({ length: count }, (_, n) => [n, error]).flat()
      this.#send(number, new Array(count).fill(undefined), failures, taken, taken - record.submitted)
      return
    }
    this.#targets.set(record.target, fn)
    await this.#run(logged(this.#agent, fn), number, record, taken)
  }

  #run(fn: Target, number: number, { mode, args, submitted }: JobRecord, taken: number): Promise<void> | undefined {
    const values: unknown[] = []
    const failures: unknown[] = []
    const count = mode === Mode.call ? 1 : args.length
    const onThread = this.#onThread
    const from = (start: number): Promise<void> | undefined => {
      if (this.#letGo.size > 0 && this.#letGo.delete(number)) return undefined
      onThread?.(number)
      for (let n = start; n < count; n++) {
        try {
          const value = mode === Mode.each ? fn(args[n]) : fn(...((mode === Mode.call ? args : args[n]) as unknown[]))
          if (isThenable(value)) {
            onThread?.(undefined)
            return this.#settle(value, n, values, failures).then(() => from(n + 1))
          }
          values.push(value)
        } catch (error) {
          values.push(undefined)
          failures.push(n, error)
        }
      }
      onThread?.(undefined)
      this.#send(number, values, failures, taken, taken - submitted)
      return undefined
    }
    return from(0)
  }

  async #settle(value: PromiseLike<unknown>, n: number, values: unknown[], failures: unknown[]): Promise<void> {
    try {
      values.push(await value)
    } catch (error) {
      values.push(undefined)
      failures.push(n, error)
    }
  }

  #send(number: number, values: readonly unknown[], failures: readonly unknown[], taken: number, before: number): void {
    const { encoder } = this.#agent
    const waited = Math.max(0, before)
    const ran = Math.max(0, sharedNow() - taken)
    let record: OutgoingItem
    try {
      if (failures.length > 0) throw new NotCloneableError('errors are checked one by one', '')
      record = prepareResult(this.#outgoing, { number, values, failures, waited, ran })
    } catch {
      record = prepareResult(this.#outgoing, { number, ...travelling(encoder, values, failures), waited, ran })
    }
    try {
      if (this.#results.ring.offer(record) !== Offered.done) record.discard()
    } catch (error) {
      record.discard()
      throw error
    }
    record.done()
  }
}

/** The same, with failures in the place of values that cannot travel. */
function travelling(
  encoder: Agent['encoder'],
  values: readonly unknown[],
  failures: readonly unknown[],
): { values: unknown[]; failures: unknown[] } {
  const sent: unknown[] = []
  const failed: unknown[] = []
  for (let n = 0; n < failures.length; n += 2) failed.push(failures[n], sendable(encoder, failures[n + 1]))
  values.forEach((value, n) => {
    try {
      encoder.encode(value, 'result')
      sent.push(value)
    } catch (error) {
      sent.push(undefined)
      failed.push(n, error)
    }
  })
  return { values: sent, failures: failed }
}
