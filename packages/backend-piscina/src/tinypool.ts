import type { ResourceLimits, SHARE_ENV, Worker } from 'node:worker_threads'
import { type Backend, ClosedError, NotSupportedError, SabMemory } from '@multiproc/core'
import type { PortableOptions } from './backend-of.js'
import { capabilities } from './capabilities.js'
import { EngineBase, type ThreadPool } from './engine-base.js'
import { environment } from './environment.js'
import { load, POOL_ENTRY, PROCESS_ENTRY } from './files.js'
import { givenOptions } from './given-options.js'
import { EngineLauncher } from './launcher.js'
import { portable } from './portable.js'
import { assertUnused } from './queue-in-use.js'
import { HidingQueue, type TaskQueue } from './task-queue.js'
import { threadsFor } from './threads-for.js'
import { checkTinypoolOptions } from './tinypool-options.js'

/**
 * Tinypool's own options; spelled out here, because its types are not there where it is not installed. Those not given are Tinypool's defaults but for these:
 * `minThreads` and `maxThreads` are what `new Pool(n)` says, and `useAtomics` is false, because otherwise a worker without a task stops, and with it the timers that
 * tasks left running.
 */
export interface TinypoolOptions {
  readonly filename?: string | null
  readonly name?: string
  readonly minThreads?: number
  readonly maxThreads?: number
  /** ms */
  readonly idleTimeout?: number
  /** ms */
  readonly terminateTimeout?: number
  readonly maxQueue?: number | 'auto'
  readonly concurrentTasksPerWorker?: number
  readonly useAtomics?: boolean
  readonly resourceLimits?: ResourceLimits
  /** Bytes. */
  readonly maxMemoryLimitBeforeRecycle?: number
  readonly argv?: string[]
  readonly execArgv?: string[]
  readonly env?: Record<string, string> | typeof SHARE_ENV
  // biome-ignore lint/suspicious/noExplicitAny: as in Tinypool
  readonly workerData?: any
  readonly taskQueue?: TaskQueue
  readonly trackUnmanagedFds?: boolean
  readonly isolateWorkers?: boolean
  /** Name of an export of `filename`. */
  readonly teardown?: string
}

/** Of one of its tasks. */
export interface TinypoolRunOptions {
  readonly filename?: string | null
  /** Name of an export of `filename`. */
  readonly name?: string | null
  readonly signal?: AbortSignal | null
}

/** What is used of a Tinypool, here and on `pool.engine`. */
export interface TinypoolInstance extends ThreadPool {
  // biome-ignore lint/suspicious/noExplicitAny: as in Tinypool
  run(task: any, options?: TinypoolRunOptions): Promise<any>
  cancelPendingTasks(): void
  recycleWorkers(options?: { runtime?: 'worker_threads' | 'child_process' }): Promise<void>
  readonly completed: number
  /** ms since it was made */
  readonly duration: number
  readonly options: {
    minThreads: number
    readonly maxThreads: number
    readonly concurrentTasksPerWorker: number
    readonly filename: string | null
    readonly runtime: string
    readonly isolateWorkers?: boolean | undefined
    readonly maxMemoryLimitBeforeRecycle?: number | undefined
  }
  readonly threads: readonly object[]
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
  destroy(): Promise<void>
}

/** What Tinypool wraps a worker in. */
interface Wrapped {
  /** Absent where it is a child process. */
  readonly thread?: Worker
  removeListener?: Worker['removeListener']
}

const CHILD_PROCESS = 'child_process'

function sharesNoMemory(): NotSupportedError {
  return new NotSupportedError("Tinypool's child processes share no memory: use runtime 'worker_threads'")
}

/**
 * The backend: agents are workers of Tinypool, memory is SharedArrayBuffer. Tinypool itself is to be installed beside it, and is loaded on first use.
 * @throws TypeError for options that are no object and for those with which Tinypool, which looks at none, would wait for ever or fail later; NotSupportedError for `runtime: 'child_process'`
 */
export function tinypool(given?: TinypoolOptions): Backend<TinypoolInstance> {
  const options = givenOptions(given, 'the options of tinypool()')
  if ((options as { runtime?: string }).runtime === CHILD_PROCESS) throw sharesNoMemory()
  checkTinypoolOptions(options)
  const sendable = { engine: 'tinypool', options: portableOptions(options) } as const
  return {
    name: 'piscina/tinypool',
    capabilities,
    createMemory: () => SabMemory.create(),
    createEngine: (processes, concurrency) => {
      assertUnused(options.taskQueue)
      const queue = new HidingQueue(options.taskQueue)
      const own = { ...options, taskQueue: queue, ...(concurrency !== undefined && { concurrentTasksPerWorker: concurrency }) }
      return new TinypoolEngine(poolOf(own, processes), true, sendable, queue)
    },
    launcher: new EngineLauncher(sendable, (spec) => {
      const env = environment(options.env, spec.env)
      // Its one task is over as soon as the process is under way, which is not to be its end.
      const { maxMemoryLimitBeforeRecycle: _, ...rest } = sendable.options
      const sole = { minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 1, useAtomics: false, isolateWorkers: false }
      const instance = make({ ...rest, ...sole, env, filename: PROCESS_ENTRY })
      return { instance, worker: (instance.threads[0] as { thread: Worker }).thread }
    }),
  }
}

const ignored = () => {}

function make(options: object): TinypoolInstance {
  const instance = new (tinypoolClass())(options)
  // The death of a worker without a task: there is nobody to tell.
  instance.on('error', ignored)
  return instance
}

function tinypoolClass(): new (options: object) => TinypoolInstance {
  try {
    return (load('tinypool') as { Tinypool: new (options: object) => TinypoolInstance }).Tinypool
  } catch (error) {
    if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error
    throw new NotSupportedError('tinypool() runs on Tinypool, which is not installed: npm install tinypool', { cause: error })
  }
}

function poolOf(options: TinypoolOptions, processes: number | undefined): TinypoolInstance {
  return make({ useAtomics: false, ...options, filename: options.filename ?? POOL_ENTRY, ...threadsFor(processes, options) })
}

/** What Tinypool can send to a worker, for pools and processes made there. */
function portableOptions({
  taskQueue: _,
  filename: __,
  name: ___,
  teardown: ____,
  ...options
}: TinypoolOptions): TinypoolOptions {
  return portable(options)
}

/** A Tinypool as core's pools run on it. */
export class TinypoolEngine extends EngineBase<TinypoolInstance> {
  readonly #queue: HidingQueue | undefined

  /** @param queue of an instance that is ours @throws NotSupportedError where its workers are child processes */
  constructor(instance: TinypoolInstance, owned: boolean, options: PortableOptions, queue?: HidingQueue) {
    if (instance.options.runtime === CHILD_PROCESS) throw sharesNoMemory()
    const { isolateWorkers, maxMemoryLimitBeforeRecycle } = instance.options
    super(instance, owned, options, Boolean(isolateWorkers) || maxMemoryLimitBeforeRecycle !== undefined, queue?.queue)
    this.#queue = queue
  }

  get size(): number {
    return this.instance.options.maxThreads
  }

  get concurrency(): number {
    return this.instance.options.concurrentTasksPerWorker
  }

  protected threads(): readonly Worker[] {
    const threads: Worker[] = []
    for (const wrapped of this.instance.threads as readonly Wrapped[]) {
      const { thread } = wrapped
      // Since `recycleWorkers({ runtime })` they may be child processes.
      if (!thread) continue
      // Tinypool waits for its end with `once` of node:events, which calls this when the worker fails in that time; it is missing.
      wrapped.removeListener ??= thread.removeListener.bind(thread)
      threads.push(thread)
    }
    return threads
  }

  override explain(error: unknown): unknown {
    if (this.instance.options.runtime !== CHILD_PROCESS) return super.explain(error)
    return new ClosedError("the pool's engine was told to run child processes instead, which share no memory", { cause: error })
  }

  /**
   * Tinypool gives a worker that has become ready one of the tasks that wait, however many it may have at once, and another one only for each that it has done. So it
   * gets some of ours that are over at once: each goes straight to it and has one of those that wait take its place.
   */
  protected override readonly onThreadReady = (): void => {
    if (!this.#queue) return
    for (let room = this.concurrency - 1; room > 0 && this.#queue.size > 0; room--) {
      this.#queue.hiddenTo(() => this.runNothing())
    }
  }

  /** Tinypool does not look after a worker that exits, and would give it tasks for ever; after one that fails it does. */
  protected override readonly onThreadExit = (worker: Worker, code: number): (() => void) | undefined => {
    const isListed = (this.instance.threads as readonly Wrapped[]).some(({ thread }) => thread === worker)
    if (!isListed) return undefined
    // Node takes them away when all have heard of the exit.
    const listeners = worker.listeners('error')
    return () => {
      // Where it had no task, Tinypool tells of an error that nobody may listen to.
      this.instance.on('error', ignored)
      for (const listener of listeners) listener.call(worker, new Error(`worker exited with code: ${code}`))
      this.instance.off('error', ignored)
    }
  }
}
