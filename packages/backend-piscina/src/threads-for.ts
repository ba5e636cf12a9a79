import { availableParallelism } from 'node:os'

interface Threads {
  readonly minThreads?: number | undefined
  readonly maxThreads?: number | undefined
}

/** How many threads the engine of `new Pool(processes)` has: so many from the start, but for what the engine's options say. */
export function threadsFor(processes = availableParallelism(), { minThreads, maxThreads }: Threads) {
  return {
    minThreads: minThreads ?? Math.min(processes, maxThreads ?? processes),
    maxThreads: maxThreads ?? Math.max(processes, minThreads ?? processes),
  }
}
