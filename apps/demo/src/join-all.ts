import type { Process } from '@multiproc/core'

/**
 * Waits until all have ended. `join()` itself never rejects for what its process did: it gives the exit code. Here, where one
 * fails, the others are ended too, for they may be waiting for it.
 * @throws Error where an exit code is not 0; its cause is what that process threw
 */
export async function joinAll(processes: readonly Process[]): Promise<void> {
  const ends = processes.map(async (process) => {
    const exitCode = await process.join()
    if (exitCode === 0) return
    for (const other of processes) other.terminate()
    throw new Error(`${process.name} ended with exit code ${exitCode}`, { cause: process.error })
  })
  await Promise.all(ends)
}
