import { entry } from '../workers/entry.js'
import type { CallMessage, Peer } from './peer.js'

/** https://github.com/piscinajs/piscina, whose workers sleep in `Atomics.wait` between tasks unless told otherwise. */
export function piscina(atomics: 'sync' | 'async' | 'disabled'): Peer {
  return {
    async open(workers) {
      const { Piscina } = await import('piscina')
      const pool = new Piscina({ filename: entry('one-function'), minThreads: workers, maxThreads: workers, atomics })
      return {
        call: (name, argument) => pool.run([name, argument] satisfies CallMessage),
        close: () => pool.destroy(),
      }
    },
  }
}
