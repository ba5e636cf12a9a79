import type { Worker } from 'node:worker_threads'
import { type EngineWorker, type Exit, ThreadChild } from '@multiproc/core'

/** A worker thread of an engine. */
export class Thread extends ThreadChild implements EngineWorker {
  readonly #listeners: ((exit: Exit) => void)[] = []
  /** What to send when it has told the engine that it is ready; `undefined`: it has. */
  #introductions: unknown[] | undefined

  /**
   * @param isNew whether it is only starting
   * @param beforeExit is told of its end before anybody else
   * @param onReady is told when a new one is ready
   */
  constructor(worker: Worker, isNew: boolean, beforeExit?: (code: number) => void, onReady?: () => void) {
    super(worker, (exit) => {
      beforeExit?.(exit.code)
      for (const listener of this.#listeners) listener(exit)
    })
    if (!isNew) return
    this.#introductions = []
    worker.once('message', () => {
      for (const one of this.#introductions ?? []) worker.postMessage(one)
      this.#introductions = undefined
      onReady?.()
    })
  }

  onExit(listener: (exit: Exit) => void): void {
    this.#listeners.push(listener)
  }

  introduce(introduction: unknown): void {
    if (this.#introductions) this.#introductions.push(introduction)
    else this.worker.postMessage(introduction)
  }
}
