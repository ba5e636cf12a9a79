import { tinypool } from '@multiproc/backend-piscina/tinypool'
import { conformance } from '@multiproc/conformance'

/**
 * What runs on the engine. The other parts (locks, queues, shared data) are the same code on the same memory as on Piscina, where `npm test` runs them all;
 * `CONFORMANCE=all npm test` does on Tinypool, too.
 */
const parts = ['race', 'handles', 'process', 'map', 'pool', 'targets', 'log', 'killing']

conformance('tinypool', { backend: () => tinypool(), ...(process.env.CONFORMANCE === 'all' ? {} : { parts }) })
