/** Tells of worker threads as they come into being in this thread, whoever starts them: the engines do not. */
const watchers = new Set<() => void>()

function tell(): void {
  for (const watcher of [...watchers]) watcher()
}

/** @returns how to stop */
export function watchThreads(onThread: () => void): () => void {
  const watcher = () => onThread()
  // One listener for all engines, however many there are.
  if (watchers.size === 0) process.on('worker', tell)
  watchers.add(watcher)
  return () => {
    if (watchers.delete(watcher) && watchers.size === 0) process.off('worker', tell)
  }
}
