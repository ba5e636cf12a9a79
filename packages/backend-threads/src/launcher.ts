import { fileURLToPath } from 'node:url'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import {
  type BootData,
  type Child,
  childEnvironment,
  type Exit,
  type Launcher,
  type LaunchSpec,
  type SabMemory,
  ThreadChild,
} from '@multiproc/core'

/** Options of `threads()`. Children inherit them for their own children. */
export interface ThreadsOptions {
  /** V8's limits for each worker; default: those of the thread that starts it. */
  readonly resourceLimits?: ResourceLimits
  /** Node's flags for each worker; default: those of the thread that starts it. */
  readonly execArgv?: readonly string[]
  /**
   * Where stdout and stderr of each thread go. `'inherit'` (default): straight to the program's. `'pipe'`: through `process.stdout` and `process.stderr` of the thread that
   * starts it, as with plain worker threads; then a thread that printed something cannot end before that one's event loop has turned, which `joinSync()` does not let it.
   */
  readonly stdio?: 'inherit' | 'pipe'
  /** Address space for shared memory, times 4 GiB. Default 4. Reserved, not used: it costs nothing until touched. */
  readonly segments?: number
}

/** What the entry finds in `workerData`. */
export interface ThreadData {
  readonly segments: readonly SharedArrayBuffer[]
  readonly boot: BootData
  readonly options: ThreadsOptions
}

const ENTRY = fileURLToPath(new URL('./entry.cjs', import.meta.url))

/** Starts agents as worker threads. */
export class ThreadLauncher implements Launcher {
  readonly #options: ThreadsOptions

  constructor(options: ThreadsOptions) {
    this.#options = options
  }

  launch(spec: LaunchSpec, onExit: (exit: Exit) => void): Child {
    const { resourceLimits, execArgv } = this.#options
    const data: ThreadData = { segments: (spec.memory as SabMemory).segments, boot: spec.boot, options: this.#options }
    const worker = new Worker(ENTRY, {
      workerData: data,
      name: spec.name,
      env: childEnvironment(process.env, spec.env),
      ...(resourceLimits && { resourceLimits }),
      ...(execArgv && { execArgv: [...execArgv] }),
    })
    return new ThreadChild(worker, onExit)
  }
}
