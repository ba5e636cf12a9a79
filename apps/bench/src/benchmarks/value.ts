import { Value } from '@multiproc/backend-threads'
import type { Benchmark } from '../benchmark.js'
import { atMostTimes } from '../targets.js'
import { nsPerTurn } from '../timing.js'

const ADDS = 4_000_000
/** The last turn finds what all before it added; the counter starts again at 0 with each loop. */
const allBefore = (turns: number) => turns - 1

function bareAdds(words: Int32Array, turns: number): number {
  words[0] = 0
  let old = 0
  for (let n = 0; n < turns; n++) old = Atomics.add(words, 0, 1)
  return old
}

function adds(value: Value, turns: number): number {
  value.value = 0
  let old = 0
  for (let n = 0; n < turns; n++) old = value.add(1)
  return old
}

function increments(value: Value, turns: number): number {
  value.value = 0
  let old = 0
  for (let n = 0; n < turns; n++) old = value.value++
  return old
}

function lockedIncrements(value: Value, turns: number): number {
  value.value = 0
  let old = 0
  for (let n = 0; n < turns; n++) old = value.runExclusiveSync(() => value.value++)
  return old
}

const BARE = 'bare Atomics.add'
const OURS = 'value.add(1)'

export const value: Benchmark = {
  name: 'value',
  title: 'Value',
  measures: 'ns to add 1 to a shared int32, in a loop of 4,000,000.',
  unit: 'ns',
  better: 'lower',
  ours: OURS,
  contenders: {
    [BARE]: async (scale) => {
      const words = new Int32Array(new SharedArrayBuffer(64))
      return nsPerTurn(scale, ADDS, (turns) => bareAdds(words, turns), allBefore)
    },
    [OURS]: async (scale) => {
      const counter = new Value('int32', 0)
      return nsPerTurn(scale, ADDS, (turns) => adds(counter, turns), allBefore)
    },
    'float64 add(1)': async (scale) => {
      const counter = new Value('float64', 0)
      return nsPerTurn(scale, ADDS, (turns) => adds(counter, turns), allBefore)
    },
    'value.value++ (not atomic)': async (scale) => {
      const counter = new Value('int32', 0)
      return nsPerTurn(scale, ADDS, (turns) => increments(counter, turns), allBefore)
    },
    'runExclusiveSync(() => value.value++)': async (scale) => {
      const counter = new Value('int32', 0)
      return nsPerTurn(scale, ADDS, (turns) => lockedIncrements(counter, turns), allBefore)
    },
  },
  targets: [atMostTimes(OURS, 2, BARE)],
}
