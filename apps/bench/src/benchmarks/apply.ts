import type { Benchmark } from '../benchmark.js'
import { median } from '../statistics.js'
import { msOf, sampled } from '../timing.js'
import { eachPeer, eachPool, OURS, WORKERS } from './each-pool.js'

const CALLS_AT_ONCE = 100_000
const ROUND_TRIPS = 2_000
const BULK_BYTES = 8 * 2 ** 20
const BULKS = 20

export const applyStorm: Benchmark = {
  name: 'apply-storm',
  title: '100,000 calls at once, 2 workers',
  measures: 'Calls a second of a function that doubles a number, all made before the first is awaited.',
  unit: '/s',
  better: 'higher',
  ours: OURS,
  contenders: eachPool((pool, scale) => {
    const count = Math.round(CALLS_AT_ONCE * scale.work)
    return sampled(scale, async () => {
      let results: number[] = []
      const ms = await msOf(async () => {
        results = await Promise.all(Array.from({ length: count }, (_, n) => pool.call('double', n)))
      })
      if (results.some((result, n) => result !== n * 2)) throw new Error('a call gave a wrong result')
      return (count / ms) * 1000
    })
  }),
}

export const applyRoundTrip: Benchmark = {
  name: 'apply-round-trip',
  title: 'One call after the other, 2 workers',
  measures: 'µs from the call to its awaited result, the median of 2,000.',
  unit: 'µs',
  better: 'lower',
  awake: true,
  ours: OURS,
  contenders: eachPool((pool, scale) => {
    const count = Math.round(ROUND_TRIPS * scale.work)
    return sampled(scale, async () => {
      const trips: number[] = []
      for (let n = 0; n < count; n++) {
        const start = performance.now()
        if ((await pool.call('double', n)) !== n * 2) throw new Error('a call gave a wrong result')
        trips.push((performance.now() - start) * 1000)
      }
      return median(trips)
    })
  }),
}

/** Loading the library is part of it: a script that uses it once pays for both. */
export const firstResult: Benchmark = {
  name: 'first-result',
  title: 'First result of a fresh pool of 2',
  measures: 'ms from the import of the library to the first result.',
  unit: 'ms',
  better: 'lower',
  ours: OURS,
  contenders: eachPeer(async (peer) => {
    const start = performance.now()
    const pool = await peer.open(WORKERS)
    const result = await pool.call('double', 21)
    const ms = performance.now() - start
    if (result !== 42) throw new Error('the call gave a wrong result')
    await pool.close()
    return [ms]
  }),
}

export const bulkIn: Benchmark = {
  name: 'bulk-in',
  title: '8 MiB into a call',
  measures: 'MiB a second of Uint8Arrays as arguments, one call after the other.',
  unit: 'MiB/s',
  better: 'higher',
  ours: OURS,
  contenders: eachPool((pool, scale) => {
    const bytes = new Uint8Array(BULK_BYTES).fill(7)
    return sampled(scale, () =>
      mebibytesPerSecond(async () => {
        if ((await pool.call('lengthOf', bytes)) !== BULK_BYTES) throw new Error('some of it did not arrive')
      }),
    )
  }),
}

export const bulkOut: Benchmark = {
  name: 'bulk-out',
  title: '8 MiB out of a call',
  measures: 'MiB a second of Uint8Arrays as results, one call after the other, making them included.',
  unit: 'MiB/s',
  better: 'higher',
  ours: OURS,
  contenders: eachPool((pool, scale) =>
    sampled(scale, () =>
      mebibytesPerSecond(async () => {
        if ((await pool.call('bytesOf', BULK_BYTES)).length !== BULK_BYTES) throw new Error('some of it did not arrive')
      }),
    ),
  ),
}

async function mebibytesPerSecond(call: () => Promise<void>): Promise<number> {
  const ms = await msOf(async () => {
    for (let n = 0; n < BULKS; n++) await call()
  })
  return ((BULKS * BULK_BYTES) / 2 ** 20 / ms) * 1000
}
