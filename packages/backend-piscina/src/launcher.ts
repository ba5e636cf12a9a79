import type { Worker } from 'node:worker_threads'
import {
  type BootData,
  type Child,
  type Exit,
  type Launcher,
  type LaunchSpec,
  type SabMemory,
  ThreadChild,
} from '@multiproc/core'
import type { PortableOptions } from './backend-of.js'
import type { ThreadPool } from './engine-base.js'
import { PROCESS_ENTRY } from './files.js'

/** What `process-entry` is called with. */
export interface ProcessMessage {
  readonly boot: BootData
  readonly segments: readonly SharedArrayBuffer[]
  readonly options: PortableOptions
}

/** An engine of one worker. */
export interface SoleEngine {
  readonly instance: ThreadPool
  readonly worker: Worker
}

/** Starts agents as the only worker of an engine each. */
export class EngineLauncher implements Launcher {
  readonly #make: (spec: LaunchSpec) => SoleEngine
  readonly #options: PortableOptions

  constructor(options: PortableOptions, make: (spec: LaunchSpec) => SoleEngine) {
    this.#options = options
    this.#make = make
  }

  launch(spec: LaunchSpec, onExit: (exit: Exit) => void): Child {
    const { instance, worker } = this.#make(spec)
    const retire = () => {
      instance.options.minThreads = 0
    }
    // Before the engine's own listeners, which would start a new worker in the place of this one.
    worker.prependListener('error', retire)
    worker.prependListener('exit', retire)
    const child = new ThreadChild(worker, onExit)
    const { segments } = spec.memory as SabMemory
    const message: ProcessMessage = { boot: spec.boot, segments, options: this.#options }
    // How the worker ends is told by its exit.
    instance.run(message, { filename: PROCESS_ENTRY, name: 'default' }).catch(() => {})
    return child
  }
}
