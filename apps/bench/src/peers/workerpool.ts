import { entry } from '../workers/entry.js'
import type { Peer } from './peer.js'

/** https://github.com/josdejong/workerpool */
export function workerpool(workerType: 'thread' | 'process'): Peer {
  return {
    async open(workers) {
      const { default: library } = await import('workerpool')
      const pool = library.pool(entry('workerpool'), {
        minWorkers: workers,
        maxWorkers: workers,
        workerType,
        // JSON, the default between processes, does not carry a Uint8Array.
        ...(workerType === 'process' && { forkOpts: { serialization: 'advanced' } }),
      })
      return {
        call: async (name, argument) => pool.exec(name, [argument]),
        close: async () => pool.terminate(),
      }
    },
  }
}
