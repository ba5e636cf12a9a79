import type { Worker } from 'node:worker_threads'
import { type EngineWorker, type Exit, ThreadChild } from '@multiproc/core'

/** A worker thread of an engine. */
export class Thread extends ThreadChild implements EngineWorker {
  readonly #listeners = new Set<(exit: Exit) => void>()
  /** What to send when it has told the engine that it is ready; `undefined`: it has. */
  #introductions: unknown[] | undefined

  /**
   * @param isNew whether it is only starting
   * @param onOwnExit is told of its end, with what else to do then before anybody else hears of it
   * @param onReady is told when a new one is ready
   */
  constructor(worker: Worker, isNew: boolean, onOwnExit: (code: number) => (() => void) | undefined, onReady?: () => void) {
    super(worker, (exit) => {
      const tell = () => {
        for (const listener of this.#listeners) listener(exit)
      }
      const first = onOwnExit(exit.code)
      if (!first) return tell()
      // What it has answered is read in this turn of the event loop, in some order with its end, and counts.
      setImmediate(() => {
        first()
        tell()
      })
    })
    if (!isNew) return
    this.#introductions = []
    worker.once('message', () => {
      for (const one of this.#introductions ?? []) worker.postMessage(one)
      this.#introductions = undefined
      onReady?.()
    })
  }

  onExit(listener: (exit: Exit) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  introduce(introduction: unknown): void {
    if (this.#introductions) this.#introductions.push(introduction)
    else this.worker.postMessage(introduction)
  }
}
