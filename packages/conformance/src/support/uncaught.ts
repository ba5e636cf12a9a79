/**
 * Runs something and takes the uncaught exceptions of this process meanwhile, which nobody else hears of.
 * @param run is given the list that they are added to
 */
export async function withUncaught<T>(run: (uncaught: readonly unknown[]) => Promise<T>): Promise<T> {
  const uncaught: unknown[] = []
  const take = (error: unknown) => uncaught.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', take)
  try {
    return await run(uncaught)
  } finally {
    process.off('uncaughtException', take)
    for (const other of others) process.on('uncaughtException', other)
  }
}
