import { NotCloneableError } from '../errors.js'
import { onAbort } from '../sync/on-abort.js'
import type { TargetDescription } from '../target/describe.js'
import type { Alarm, Alarms, Cancellable } from './alarm.js'
import { Thrown } from './call.js'
import { type Executor, type Job, Mode, type Outcome } from './executor.js'
import type { InputEnd, Source } from './source.js'

/** How an `imap` is made. */
export interface IterationPlan {
  readonly target: TargetDescription
  readonly source: Source
  /** Items in a chunk. */
  readonly chunksize: number
  /** Chunks that may be in hand: handed over, and not given to the consumer yet. */
  readonly window: number
  /** Results in the order of the items, or as they come. */
  readonly ordered: boolean
  /** Whether a failure is one of the results. */
  readonly settled: boolean
  /** On the clock of `performance.now()`. */
  readonly deadline: number
  readonly alarms: Alarms
  readonly signal: AbortSignal | undefined
}

/** What the consumer gets next. */
export type Given =
  | { readonly kind: 'value'; readonly value: unknown }
  /** An item failed; unless failures are results, the iteration ends with it. */
  | { readonly kind: 'failed'; readonly thrown: unknown }
  /** The iteration itself failed, and is over. */
  | { readonly kind: 'error'; readonly thrown: unknown }
  | { readonly kind: 'end' }

const END: Given = { kind: 'end' }

/** Those whose consumer is garbage are given up: their input is told, and what is queued of them dropped. */
const abandoned = new FinalizationRegistry<Iteration>((iteration) => iteration.abandon())

/** Items that travelled together, from the input to the consumer. */
interface Chunk {
  /** Its place in the order of results. */
  readonly turn: number
  readonly start: number
  readonly count: number
  readonly values: unknown[]
  readonly failures: Map<number, unknown>
  /** Jobs of it that run: one; or, where some of its items cannot travel, one for each of the others. */
  running: number
  /** Items that the consumer has. */
  given: number
}

/**
 * One call of `imap` or `imapUnordered`, from its input to its consumer. Input is pulled while fewer than `window` chunks are in hand; what is in hand and done
 * waits for the consumer. It begins with the consumer's first request, so that one that is never iterated has touched nothing.
 */
export class Iteration implements Cancellable {
  readonly #executor: Executor
  readonly #plan: IterationPlan
  /** Chunks by their turn; out of order, only those that are done. */
  readonly #chunks = new Map<number, Chunk>()
  readonly #jobs = new Map<Job, Chunk>()
  readonly #requests: ((given: Given) => void)[] = []
  #turnIn = 0
  #turnOut = 0
  #inHand = 0
  #pulled = 0
  #state: 'new' | 'running' | 'over' = 'new'
  /** Whether it no longer waits for its consumer: the pool is closed and is to come to an end. */
  #draining = false
  #inputEnd: InputEnd | undefined
  /** What the consumer is still to be told of. */
  #error: { readonly thrown: unknown } | undefined
  #alarm: Alarm | undefined
  #unlisten: (() => void) | undefined
  #onRoom: (() => void) | undefined
  #onFed: () => void = () => {}
  readonly #onOver: (iteration: Iteration) => void
  /** Whether the executor has all that it will ever get of it. */
  isFed = false
  /** Resolves once it has. */
  readonly fed = new Promise<void>((resolve) => {
    this.#onFed = () => {
      this.isFed = true
      resolve()
    }
  })

  constructor(executor: Executor, plan: IterationPlan, onOver: (iteration: Iteration) => void) {
    this.#executor = executor
    this.#plan = plan
    this.#onOver = onOver
  }

  /** @param consumer nothing of the iteration's own may refer to it */
  heldBy(consumer: object): void {
    abandoned.register(consumer, this, this)
  }

  /** The next result; `undefined` where it is to be waited for. */
  take(): Given | undefined {
    if (this.#state === 'new') this.#start()
    return this.#requests.length > 0 ? undefined : this.#next()
  }

  /** Waits for the next result; those who wait are served in turn. */
  request(): Promise<Given> {
    this.#alarm?.hold(true)
    return new Promise((resolve) => {
      this.#requests.push(resolve)
    })
  }

  /** Goes on to the end of its input without its consumer. */
  drain(): void {
    this.#draining = true
    if (this.#state === 'new') this.#start()
    this.#makeRoom()
  }

  cancel(error: unknown): void {
    if (this.#state === 'over') return
    this.#error = { thrown: error }
    this.#end(true)
    this.#serve()
    void this.#plan.source.close().catch(() => {})
  }

  /** The consumer wants no more: what is queued is dropped, what runs goes on for nobody. Rejects with what the input's `return` throws. */
  async giveUp(): Promise<void> {
    if (this.#state === 'over') return
    this.#end(false)
    this.#serve()
    await this.#plan.source.close()
  }

  /** Its consumer is garbage. */
  abandon(): void {
    if (!this.#draining) void this.giveUp().catch(() => {})
  }

  #start(): void {
    const { deadline, signal, alarms } = this.#plan
    this.#state = 'running'
    if (signal?.aborted) return this.cancel(signal.reason)
    this.#alarm = alarms.add(this, deadline)
    this.#alarm.hold(false)
    this.#unlisten = signal && onAbort(signal, () => this.cancel(signal.reason))
    void this.#feed()
  }

  async #feed(): Promise<void> {
    const { source, chunksize } = this.#plan
    while (!this.#inputEnd) {
      if (!this.#hasRoom()) {
        await new Promise<void>((resolve) => {
          this.#onRoom = resolve
        })
        continue
      }
      const { items, end } = await source.pull(chunksize)
      if (this.#inputEnd) return
      if (items.length > 0) this.#handOver(items)
      this.#inputEnd ??= end
    }
    this.#onFed()
    this.#serve()
  }

  #hasRoom(): boolean {
    return (this.#draining ? this.#jobs.size : this.#inHand) < this.#plan.window
  }

  #makeRoom(): void {
    const onRoom = this.#onRoom
    if (!onRoom || (!this.#inputEnd && !this.#hasRoom())) return
    this.#onRoom = undefined
    onRoom()
  }

  #handOver(items: readonly unknown[]): void {
    const chunk: Chunk = {
      turn: this.#plan.ordered ? this.#turnIn++ : Number.POSITIVE_INFINITY,
      start: this.#pulled,
      count: items.length,
      values: [],
      failures: new Map(),
      running: 0,
      given: 0,
    }
    this.#pulled += items.length
    this.#inHand++
    if (this.#plan.ordered) this.#chunks.set(chunk.turn, chunk)
    // Counted as running itself until all of it is handed over: a job may be over before its submit returns.
    chunk.running++
    const error = this.#submit(chunk, 0, items)
    if (error) this.#submitEach(chunk, items, error)
    this.#ran(chunk)
  }

  /** What cannot travel fails; what is before it, or, where failures are results, beside it, does not. */
  #submitEach(chunk: Chunk, items: readonly unknown[], error: { readonly thrown: unknown }): void {
    for (let n = 0; n < items.length; n++) {
      const failure =
        items.length === 1 || !(error.thrown instanceof NotCloneableError) ? error : this.#submit(chunk, n, [items[n]])
      if (!failure) continue
      chunk.failures.set(n, failure.thrown)
      if (!this.#plan.settled) return this.#stopAfter(chunk)
    }
  }

  #submit(chunk: Chunk, offset: number, args: readonly unknown[]): { readonly thrown: unknown } | undefined {
    const { target } = this.#plan
    const { length } = args
    const job: Job = {
      target,
      mode: Mode.each,
      args,
      start: chunk.start + offset,
      ticket: 0,
      settle: (outcome) => {
        if (this.#jobs.delete(job)) this.#settled(chunk, offset, length, outcome)
      },
    }
    this.#jobs.set(job, chunk)
    chunk.running++
    try {
      this.#executor.submit([job])
    } catch (thrown) {
      this.#jobs.delete(job)
      chunk.running--
      return { thrown }
    }
    return undefined
  }

  #settled(chunk: Chunk, offset: number, count: number, outcome: Outcome): void {
    if (outcome.kind === 'lost') {
      for (let n = 0; n < count; n++) chunk.failures.set(offset + n, outcome.error)
    } else {
      for (let n = 0; n < count; n++) chunk.values[offset + n] = outcome.values[n]
      for (const { index, thrown } of outcome.failures) chunk.failures.set(offset + index, new Thrown(thrown))
    }
    this.#ran(chunk)
    this.#makeRoom()
  }

  #ran(chunk: Chunk): void {
    if (--chunk.running > 0) return
    if (!this.#plan.ordered) this.#chunks.set(this.#turnIn++, chunk)
    if (chunk.failures.size > 0 && !this.#plan.settled) this.#stopAfter(chunk)
    this.#serve()
  }

  /** The consumer will get nothing that comes after this chunk. */
  #stopAfter(chunk: Chunk): void {
    this.#inputEnd ??= {}
    this.#onFed()
    this.#makeRoom()
    void this.#plan.source.close().catch(() => {})
    const useless = [...this.#jobs].filter(([, one]) => (this.#plan.ordered ? one.turn > chunk.turn : one !== chunk))
    this.#drop(
      useless.map(([job]) => job),
      false,
    )
  }

  #drop(jobs: readonly Job[], running: boolean): void {
    for (const job of jobs) this.#jobs.delete(job)
    if (jobs.length > 0) this.#executor.cancel(jobs, running)
  }

  /** Serves requests as far as there is something to give. */
  #serve(): void {
    while (this.#requests.length > 0) {
      const given = this.#next()
      if (!given) return
      this.#requests.shift()?.(given)
      if (this.#requests.length === 0) this.#alarm?.hold(false)
    }
  }

  #next(): Given | undefined {
    if (this.#state === 'over') return this.#last()
    const chunk = this.#chunks.get(this.#turnOut)
    if (chunk && chunk.running === 0) return this.#giveFrom(chunk)
    if (!this.#inputEnd || this.#inHand > 0) return undefined
    this.#error = this.#inputEnd.error
    this.#end(false)
    return this.#last()
  }

  #giveFrom(chunk: Chunk): Given {
    const index = chunk.given++
    if (chunk.given === chunk.count) {
      this.#chunks.delete(this.#turnOut++)
      this.#inHand--
      this.#makeRoom()
    }
    if (!chunk.failures.has(index)) return { kind: 'value', value: chunk.values[index] }
    const thrown = chunk.failures.get(index)
    if (!this.#plan.settled) this.#end(false)
    return { kind: 'failed', thrown }
  }

  /** The error that ended it, once; from then on the end. */
  #last(): Given {
    const error = this.#error
    this.#error = undefined
    return error ? { kind: 'error', thrown: error.thrown } : END
  }

  /** @param running whether jobs that run are ended with their workers */
  #end(running: boolean): void {
    this.#state = 'over'
    // The registry would keep it, and with it its input, which may well refer to the consumer.
    abandoned.unregister(this)
    this.#alarm?.disarm()
    this.#unlisten?.()
    this.#inputEnd ??= {}
    this.#drop([...this.#jobs.keys()], running)
    this.#chunks.clear()
    this.#onFed()
    this.#makeRoom()
    this.#onOver(this)
  }
}
