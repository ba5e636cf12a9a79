import type { Worker } from 'node:worker_threads'

/** Tells of worker threads as they come into being in this thread, whoever starts them: the engines do not. */
const watchers = new Set<(worker: Worker) => void>()

function tell(worker: Worker): void {
  for (const watcher of [...watchers]) watcher(worker)
}

/** @returns how to stop */
export function watchThreads(onThread: (worker: Worker) => void): () => void {
  const watcher = (worker: Worker) => onThread(worker)
  // One listener for all engines, however many there are.
  if (watchers.size === 0) process.on('worker', tell)
  watchers.add(watcher)
  return () => {
    if (watchers.delete(watcher) && watchers.size === 0) process.off('worker', tell)
  }
}
