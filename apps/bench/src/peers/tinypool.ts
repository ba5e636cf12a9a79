import { entry } from '../workers/entry.js'
import type { CallMessage, Peer } from './peer.js'

/** https://github.com/tinylibs/tinypool */
export function tinypool(runtime: 'worker_threads' | 'child_process'): Peer {
  return {
    async open(workers) {
      const { Tinypool } = await import('tinypool')
      const pool = new Tinypool({
        filename: entry('one-function'),
        minThreads: workers,
        maxThreads: workers,
        runtime,
        // JSON, the default between processes, does not carry a Uint8Array.
        serialization: 'advanced',
      })
      return {
        call: (name, argument) => pool.run([name, argument] satisfies CallMessage),
        close: () => pool.destroy(),
      }
    },
  }
}
