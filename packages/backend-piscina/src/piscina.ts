import type { SHARE_ENV, Worker } from 'node:worker_threads'
import { type Backend, SabMemory } from '@multiproc/core'
import type { Piscina } from 'piscina'
import type { PortableOptions } from './backend-of.js'
import { capabilities } from './capabilities.js'
import { EngineBase } from './engine-base.js'
import { environment } from './environment.js'
import { load, POOL_ENTRY, PROCESS_ENTRY } from './files.js'
import { givenOptions } from './given-options.js'
import { EngineLauncher } from './launcher.js'
import { portable } from './portable.js'
import { assertUnused } from './queue-in-use.js'
import { threadsFor } from './threads-for.js'

/**
 * Piscina's own options. Those not given are Piscina's defaults but for these: `minThreads` and `maxThreads` are what `new Pool(n)` says; `stricterFIFO` is
 * true (piscina#1031); and `atomics` is `'async'`, because with `'sync'` a worker without a task stops, and with it the timers that tasks left running (piscina#346).
 */
export type PiscinaOptions = NonNullable<ConstructorParameters<typeof Piscina>[0]>

/** The backend: agents are workers of Piscina, memory is SharedArrayBuffer. @throws TypeError for options that are no object; what Piscina says of them comes with the first pool */
export function piscina(given?: PiscinaOptions): Backend<Piscina> {
  const options = givenOptions(given, 'the options of piscina()')
  const sendable = { engine: 'piscina', options: portableOptions(options) } as const
  return {
    name: 'piscina',
    capabilities,
    createMemory: () => SabMemory.create(),
    createEngine: (processes, concurrency) => {
      assertUnused(options.taskQueue)
      const own = concurrency === undefined ? options : { ...options, concurrentTasksPerWorker: concurrency }
      return new PiscinaEngine(poolOf(own, processes), true, sendable, options.taskQueue)
    },
    launcher: new EngineLauncher(sendable, (spec) => {
      const env = environment(options.env as Record<string, string> | typeof SHARE_ENV | undefined, spec.env)
      const sole = {
        minThreads: 1,
        maxThreads: 1,
        concurrentTasksPerWorker: 1,
        atomics: 'disabled',
        recordTiming: false,
      } as const
      const instance = make({ ...sendable.options, ...sole, env, filename: PROCESS_ENTRY })
      return { instance, worker: instance.threads[0] as Worker }
    }),
  }
}

function make(options: PiscinaOptions): Piscina {
  const { Piscina } = load('piscina') as typeof import('piscina')
  const instance = new Piscina(options)
  // The death of a worker without a task: there is nobody to tell.
  instance.on('error', () => {})
  return instance
}

function poolOf(options: PiscinaOptions, processes: number | undefined): Piscina {
  const filename = options.filename ?? POOL_ENTRY
  return make({ atomics: 'async', stricterFIFO: true, ...options, filename, ...threadsFor(processes, options) })
}

/** What Piscina can send to a worker, for pools and processes made there. */
function portableOptions({
  taskQueue: _,
  loadBalancer: __,
  filename: ___,
  name: ____,
  ...options
}: PiscinaOptions): PiscinaOptions {
  return portable(options)
}

/** A Piscina as core's pools run on it. */
export class PiscinaEngine extends EngineBase<Piscina> {
  constructor(instance: Piscina, owned: boolean, options: PortableOptions, queue?: object) {
    super(instance, owned, options, false, queue)
  }

  get size(): number {
    return Math.max(1, Math.floor(this.instance.maxThreads))
  }

  get concurrency(): number {
    return this.instance.options.concurrentTasksPerWorker
  }

  protected threads(): readonly Worker[] {
    return this.instance.threads
  }
}
