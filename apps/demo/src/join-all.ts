import type { Process } from '@multiproc/core'

/**
 * Waits until all have ended. `join()` itself never rejects for what its process did: it gives the exit code.
 * @throws Error where an exit code is not 0; its cause is what that process threw
 */
export async function joinAll(processes: readonly Process[]): Promise<void> {
  const exitCodes = await Promise.all(processes.map((process) => process.join()))
  const n = exitCodes.findIndex((code) => code !== 0)
  const failed = processes[n]
  if (failed) throw new Error(`${failed.name} ended with exit code ${exitCodes[n]}`, { cause: failed.error })
}
