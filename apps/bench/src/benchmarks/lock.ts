import { Lock, RLock } from '@multiproc/backend-threads'
import type { Benchmark } from '../benchmark.js'
import { atMostTimes } from '../targets.js'
import { nsPerTurn } from '../timing.js'

const PAIRS = 2_000_000
const once = (turns: number) => turns

/** What a lock cannot be cheaper than: taking it and giving it back are an atomic instruction each. */
function barePairs(words: Int32Array, turns: number): number {
  let taken = 0
  for (let n = 0; n < turns; n++) {
    if (Atomics.compareExchange(words, 0, 0, 1) === 0) taken += Atomics.exchange(words, 0, 0)
  }
  return taken
}

function pairs(lock: Lock, turns: number): number {
  let taken = 0
  for (let n = 0; n < turns; n++) {
    lock.acquireSync()
    taken++
    lock.release()
  }
  return taken
}

function guardedPairs(lock: Lock, turns: number): number {
  let taken = 0
  for (let n = 0; n < turns; n++) {
    const guard = lock.acquireSync()
    if (!guard.ownerDied) taken++
    guard.release()
  }
  return taken
}

function tries(lock: Lock, turns: number): number {
  let taken = 0
  for (let n = 0; n < turns; n++) {
    const guard = lock.tryAcquire()
    if (guard === undefined) continue
    taken++
    guard.release()
  }
  return taken
}

function exclusiveRuns(lock: Lock, turns: number): number {
  let taken = 0
  for (let n = 0; n < turns; n++) {
    taken = lock.runExclusiveSync(() => taken + 1)
  }
  return taken
}

const BARE = 'bare compareExchange + exchange'
const OURS = 'acquireSync + release'

export const lock: Benchmark = {
  name: 'lock',
  title: 'Lock, uncontended',
  measures: 'ns to take a lock that nobody wants and give it back, in a loop of 2,000,000.',
  unit: 'ns',
  better: 'lower',
  ours: OURS,
  contenders: {
    [BARE]: async (scale) => {
      const words = new Int32Array(new SharedArrayBuffer(64))
      return nsPerTurn(scale, PAIRS, (turns) => barePairs(words, turns), once)
    },
    [OURS]: async (scale) => {
      const lock = new Lock()
      return nsPerTurn(scale, PAIRS, (turns) => pairs(lock, turns), once)
    },
    'acquireSync + guard.release': async (scale) => {
      const lock = new Lock()
      return nsPerTurn(scale, PAIRS, (turns) => guardedPairs(lock, turns), once)
    },
    'tryAcquire + guard.release': async (scale) => {
      const lock = new Lock()
      return nsPerTurn(scale, PAIRS, (turns) => tries(lock, turns), once)
    },
    runExclusiveSync: async (scale) => {
      const lock = new Lock()
      return nsPerTurn(scale, PAIRS, (turns) => exclusiveRuns(lock, turns), once)
    },
    'RLock acquireSync + release': async (scale) => {
      const lock = new RLock()
      return nsPerTurn(scale, PAIRS, (turns) => pairs(lock, turns), once)
    },
  },
  targets: [atMostTimes(OURS, 2.5, BARE)],
}
