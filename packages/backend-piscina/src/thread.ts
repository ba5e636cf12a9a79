import type { Worker } from 'node:worker_threads'
import { type EngineWorker, type Exit, ThreadChild } from '@multiproc/core'

/** A worker thread of an engine. */
export class Thread extends ThreadChild implements EngineWorker {
  readonly #listeners = new Set<(exit: Exit) => void>()
  /** What to send when it has told the engine that it is ready; `undefined`: it has. */
  #introductions: unknown[] | undefined
  readonly #onReady: (() => void) | undefined

  /**
   * @param onOwnExit is told of its end, with what else to do then before anybody else hears of it
   * @param onReady is told when a new one is ready
   */
  constructor(worker: Worker, onOwnExit: (code: number) => (() => void) | undefined, onReady?: () => void) {
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
    this.#onReady = onReady
  }

  get isReady(): boolean {
    return this.#introductions === undefined
  }

  /** It is new: before it has told the engine that it is ready, nobody in it listens. */
  starts(): void {
    if (this.#introductions) return
    this.#introductions = []
    this.worker.once('message', () => {
      for (const one of this.#introductions ?? []) this.worker.postMessage(one)
      this.#introductions = undefined
      this.#onReady?.()
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
