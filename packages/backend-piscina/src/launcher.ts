import type { Worker } from 'node:worker_threads'
import type { BootData, Child, Exit, Launcher, LaunchSpec, SabMemory } from '@multiproc/core'
import type { PortableOptions } from './backend-of.js'
import { PROCESS_ENTRY } from './files.js'
import { Thread } from './thread.js'

/** What `process-entry` is called with. */
export interface ProcessMessage {
  readonly boot: BootData
  readonly segments: readonly SharedArrayBuffer[]
  readonly options: PortableOptions
}

/** An engine of one worker. */
export interface SoleEngine {
  readonly worker: Worker
  run(message: unknown, options: { readonly filename: string; readonly name: string }): Promise<unknown>
  /** No new worker in the place of this one. */
  retire(): void
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
    const engine = this.#make(spec)
    const { worker } = engine
    // Before the engine's own listeners, which would start the next worker.
    worker.prependListener('error', () => engine.retire())
    worker.prependListener('exit', () => engine.retire())
    const thread = new Thread(worker, true)
    thread.onExit(onExit)
    const { segments } = spec.memory as SabMemory
    const message: ProcessMessage = { boot: spec.boot, segments, options: this.#options }
    // How the worker ends is told by its exit.
    engine.run(message, { filename: PROCESS_ENTRY, name: 'default' }).catch(() => {})
    return thread
  }
}
