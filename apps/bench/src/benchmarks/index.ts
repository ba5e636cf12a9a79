import type { Benchmark } from '../benchmark.js'
import { applyRoundTrip, applyStorm, bulkIn, bulkOut, firstResult } from './apply.js'
import { contendedLock } from './contended-lock.js'
import { efficiency } from './efficiency.js'
import { lock } from './lock.js'
import { pingPong } from './ping-pong.js'
import { poolMap } from './pool-map.js'
import { processStart } from './process.js'
import { queues } from './queue.js'
import { value } from './value.js'

/** All of them, from the smallest thing measured to the largest. */
export const benchmarks: readonly Benchmark[] = [
  lock,
  contendedLock,
  value,
  ...queues,
  pingPong,
  poolMap,
  efficiency,
  applyStorm,
  applyRoundTrip,
  firstResult,
  bulkIn,
  bulkOut,
  processStart,
]
