import type { Worker } from 'node:worker_threads'
import type { EngineWorker, Exit } from '@multiproc/core'

/** A worker thread, whoever started it. */
export class Thread implements EngineWorker {
  readonly worker: Worker
  /** Kept: the worker's own becomes -1 when it ends. */
  readonly pid: number
  readonly #listeners: ((exit: Exit) => void)[] = []
  /** What to send when it has told the engine that it is ready; `undefined`: it has. */
  #introductions: unknown[] | undefined

  /**
   * @param isNew whether it is only starting
   * @param beforeExit is told of its end before anybody else
   * @param onReady is told when a new one is ready
   */
  constructor(worker: Worker, isNew: boolean, beforeExit?: (code: number) => void, onReady?: () => void) {
    this.worker = worker
    if (isNew) {
      this.#introductions = []
      worker.once('message', () => {
        for (const one of this.#introductions ?? []) worker.postMessage(one)
        this.#introductions = undefined
        onReady?.()
      })
    }
    this.pid = worker.threadId
    let error: unknown
    worker.on('error', (reason) => {
      error = reason
    })
    worker.once('exit', (code) => {
      const exit: Exit = error === undefined ? { code } : { code, error }
      beforeExit?.(code)
      for (const listener of this.#listeners) listener(exit)
    })
  }

  onExit(listener: (exit: Exit) => void): void {
    this.#listeners.push(listener)
  }

  introduce(introduction: unknown): void {
    if (this.#introductions) this.#introductions.push(introduction)
    else this.worker.postMessage(introduction)
  }

  kill(): void {
    void this.worker.terminate()
  }

  hold(pending: boolean): void {
    if (pending) this.worker.ref()
    else this.worker.unref()
  }
}
