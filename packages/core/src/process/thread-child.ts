import type { Worker } from 'node:worker_threads'
import type { Child, Exit } from '../backend.js'
import { shareCode } from '../shared-code.js'

/** A worker thread as a child, for every backend of threads. */
export class ThreadChild implements Child {
  readonly worker: Worker
  /** Kept: the worker's own becomes -1 when it ends. */
  readonly pid: number

  constructor(worker: Worker, onExit: (exit: Exit) => void) {
    this.worker = worker
    this.pid = worker.threadId
    shareCode()
    let error: unknown
    worker.on('error', (reason) => {
      error = reason
    })
    // Where Node gives up a thread for want of memory it says 0.
    worker.once('exit', (code) => onExit(error === undefined ? { code } : { code: code || 1, error }))
  }

  kill(): void {
    void this.worker.terminate()
  }

  hold(pending: boolean): void {
    if (pending) this.worker.ref()
    else this.worker.unref()
  }
}
