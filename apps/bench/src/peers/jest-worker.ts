import { entry } from '../workers/entry.js'
import type { Peer, WorkName } from './peer.js'

const exposedMethods: readonly WorkName[] = ['double', 'doubleAll', 'burn', 'lengthOf', 'bytesOf']

/** https://github.com/jestjs/jest/tree/main/packages/jest-worker */
export function jestWorker(kind: 'thread' | 'process'): Peer {
  return {
    async open(workers) {
      const { Worker } = await import('jest-worker')
      const pool = new Worker(entry('work'), {
        numWorkers: workers,
        enableWorkerThreads: kind === 'thread',
        exposedMethods,
        // JSON, the default between processes, does not carry a Uint8Array.
        ...(kind === 'process' && { forkOptions: { serialization: 'advanced' as const } }),
      }) as unknown as Record<WorkName, (argument: unknown) => Promise<never>> & { end(): Promise<unknown> }
      return {
        call: (name, argument) => pool[name](argument),
        close: () => pool.end(),
      }
    },
  }
}
