import { entry } from '../workers/entry.js'
import type { Peer } from './peer.js'

/** https://github.com/poolifier/poolifier */
export function poolifier(kind: 'thread' | 'cluster'): Peer {
  return {
    async open(workers) {
      const { FixedClusterPool, FixedThreadPool } = await import('poolifier')
      const pool =
        kind === 'thread'
          ? new FixedThreadPool(workers, entry('poolifier-thread'))
          : // JSON, the default between processes, does not carry a Uint8Array.
            new FixedClusterPool(workers, entry('poolifier-cluster'), { settings: { serialization: 'advanced' } })
      return {
        call: (name, argument) => pool.execute(argument, name) as Promise<never>,
        close: () => pool.destroy(),
      }
    },
  }
}
