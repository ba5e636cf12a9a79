import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { piscina, tinypool } from '@multiproc/backend-piscina'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'

export const filename = fileURLToPath(new URL('../fixtures/application.cjs', import.meta.url))

/** Each engine: as backend, and as an instance that the application made, with options that both have. */
export const engines = {
  piscina: {
    backend: (options: object) => piscina(options),
    make: (options: object) => withoutErrors(new Piscina({ filename, ...options })),
  },
  tinypool: {
    backend: (options: object) => tinypool(options),
    make: (options: object) => withoutErrors(new Tinypool({ filename, ...options }) as unknown as Piscina),
  },
}

/** The death of a worker without a task. */
function withoutErrors(existing: Piscina): Piscina {
  return existing.on('error', () => {})
}

export const threadsOf = (engine: object): Worker[] =>
  (engine as Piscina).threads.map((thread) => (thread as { thread?: Worker }).thread ?? thread)

/** Resolves when the thread has ended by something else. */
export const ended = (thread: Worker) => once(thread, 'exit')

/** A task of the application's that runs until it is told to go on. */
export class OwnTask {
  readonly #words = new Int32Array(new SharedArrayBuffer(8))
  readonly result: Promise<unknown>

  constructor(existing: Piscina, options: object = {}) {
    this.result = existing.run(this.#words, options)
  }

  begun(): Promise<void> {
    return until(() => Atomics.load(this.#words, 0) > 0)
  }

  goOn(): void {
    Atomics.store(this.#words, 1, 1)
    Atomics.notify(this.#words, 1)
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

export const outcome = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)
