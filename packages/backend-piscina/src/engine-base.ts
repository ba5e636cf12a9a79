import type { Worker } from 'node:worker_threads'
import { ClosedError, type Engine, type EngineWorker, QueueFullError } from '@multiproc/core'
import type { PortableOptions } from './backend-of.js'
import { GUEST_ENTRY, POOL_ENTRY } from './files.js'
import { use } from './queue-in-use.js'
import { Thread } from './thread.js'
import { watchThreads } from './thread-watch.js'

/** What Piscina and Tinypool have in common. */
export interface ThreadPool {
  run(message: unknown, options: { filename: string; name: string }): Promise<unknown>
  readonly queueSize: number
  readonly options: { minThreads: number; readonly filename: string | null }
  destroy(): Promise<void>
}

/** A task of ours: loaded from the start where the engine has nothing else to load, elsewhere from the first task on. */
const RUN = { atStart: { filename: POOL_ENTRY, name: 'default' }, later: { filename: GUEST_ENTRY, name: 'default' } }
/** Of no pool: its worker answers at once. */
const NOTHING = [0, 0, 0]

const FULL = ['Task queue is at limit', 'No task queue available and all Workers are busy']

/** One of the two engines, as core sees it. */
export abstract class EngineBase<P extends ThreadPool> implements Engine<P> {
  readonly instance: P
  readonly owned: boolean
  readonly options: PortableOptions
  abstract readonly size: number
  abstract readonly concurrency: number
  readonly introduces: Engine['introduces']
  readonly #run: { readonly filename: string; readonly name: string }
  #ended = false
  readonly #unuseQueue: () => void
  readonly #known = new WeakMap<Worker, Thread>()

  /**
   * @param recycles whether a worker may have to go after any task that it has done
   * @param queue that the context's options give each of its pools
   */
  constructor(instance: P, owned: boolean, options: PortableOptions, recycles: boolean, queue?: object) {
    this.instance = instance
    this.owned = owned
    if (owned && instance.options.filename === POOL_ENTRY) this.introduces = 'at-start'
    else this.introduces = recycles ? 'with-jobs' : 'when-needed'
    this.#run = this.introduces === 'at-start' ? RUN.atStart : RUN.later
    this.options = options
    this.#unuseQueue = use(queue)
  }

  protected abstract threads(): readonly Worker[]
  /** Gives what the engine leaves undone when a worker ends. */
  protected readonly onThreadExit: ((worker: Worker, code: number) => (() => void) | undefined) | undefined
  /** What the engine leaves undone when a new worker is ready. */
  protected readonly onThreadReady: (() => void) | undefined

  run(message: unknown): Promise<unknown> {
    return this.instance.run(message, this.#run)
  }

  explain(error: unknown): unknown {
    const { name, message } = error as Error
    if (FULL.includes(message))
      return new QueueFullError(`the pool's engine takes no more (maxQueue): ${message}`, { cause: error })
    const cancelled = name === 'AbortError' || name === 'CancelError'
    // A worker that was ended is replaced at once; where none is left, all were.
    const destroyed = message === 'Terminating worker thread' && this.threads().length === 0
    if (!cancelled && !destroyed) return error
    return new ClosedError("the pool's engine has been closed, or told to drop its tasks", { cause: error })
  }

  get workers(): readonly EngineWorker[] {
    return this.threads().map((worker) => this.#threadOf(worker))
  }

  #threadOf(worker: Worker): Thread {
    const known = this.#known.get(worker)
    if (known) return known
    const thread = new Thread(worker, (code) => this.onThreadExit?.(worker, code), this.onThreadReady)
    if (this.owned) thread.starts()
    this.#known.set(worker, thread)
    return thread
  }

  watch(onWorkers: () => void): () => void {
    return watchThreads((worker) => {
      // It was not there before, in nobody's eyes.
      if (!this.owned && this.threads().includes(worker)) this.#threadOf(worker).starts()
      onWorkers()
    })
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#unuseQueue()
    // Else both would start new workers in the place of those that end now, in some order of events.
    this.instance.options.minThreads = 0
    // Once: a second call would have Piscina forget that the first is under way.
    this.instance.destroy().catch(() => {})
  }

  stir(): void {
    if (this.#ended) return
    if (this.instance.queueSize > 0 && this.threads().length < this.size) this.runNothing()
  }

  /** A task that is over as soon as a worker sees it. */
  protected runNothing(): void {
    this.instance.run(NOTHING, this.#run).catch(() => {})
  }
}
