import * as processes from '@multiproc/backend-fork'
import * as threads from '@multiproc/backend-threads'
import { task } from '@multiproc/core'
import type { Benchmark, Contender } from '../benchmark.js'
import { atMost, atMostTimes } from '../targets.js'
import { sampled } from '../timing.js'

/** A shared Array as an argument: what travels is its handle, so its size must not matter. */

const CALLS = 2_000
const LARGE = 8 * 2 ** 20
const SMALL = 8

export const countUp = task(import.meta, function countUp(array: Uint8Array, number: number): number {
  const last = array.length - 1
  array[last] = number & 255
  return array[last] as number
})

const handed =
  (mp: Pick<typeof processes, 'Pool' | 'Array'>, bytes: number): Contender =>
  async (scale) => {
    const array = new mp.Array('uint8', bytes, { lock: false })
    const calls = Math.round(CALLS * scale.work)
    const pool = new mp.Pool(1)
    try {
      return await sampled(scale, async () => {
        const start = performance.now()
        for (let n = 0; n < calls; n++) {
          const answer = await pool.apply(countUp, [array, n])
          if (answer !== (n & 255) || array[bytes - 1] !== answer) throw new Error('the worker wrote to another array')
        }
        return ((performance.now() - start) / calls) * 1000
      })
    } finally {
      await pool.terminate()
    }
  }

const [large, small] = ['backend-fork, 8 MiB', 'backend-fork, 8 bytes']

export const sharedArray: Benchmark = {
  name: 'shared-array',
  title: 'A shared Array handed to a task',
  measures:
    'µs from calling a task with a shared Array that it writes to until its result is back, one call after the other (2,000).',
  unit: 'µs',
  better: 'lower',
  awake: true,
  ours: large,
  contenders: {
    [large]: handed(processes, LARGE),
    [small]: handed(processes, SMALL),
    'backend-threads, 8 MiB': handed(threads, LARGE),
    'backend-threads, 8 bytes': handed(threads, SMALL),
  },
  targets: [atMost(large, 100), atMostTimes(large, 1.2, small)],
}
