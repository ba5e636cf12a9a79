import { setTimeout as pause } from 'node:timers/promises'
import { type SharedArray, task, type Value } from '@multiproc/core'
import type { Job, Outcome } from '../job.js'
import { joinAll } from '../join-all.js'

const TIMES = 100

/** Reading, pausing, writing: what another process adds in the pause is overwritten. */
const addToValue = task(import.meta, async function addToValue(counter: { value: number }, present?: Value) {
  await meet(present)
  for (let n = 0; n < TIMES; n++) {
    const before = counter.value
    await pause(1)
    counter.value = before + 1
  }
})

const addToEach = task(import.meta, async function addToEach(cells: SharedArray<'int32'> | Int32Array, present?: Value) {
  await meet(present)
  const before = cells.slice()
  await pause(20)
  cells.set(before.map((n) => n + 1))
})

/** All four begin together, or the first might be through before the last is up. `add` is atomic: it needs no lock. */
async function meet(present: Value | undefined): Promise<void> {
  present?.add(1)
  while (present && present.value < 4) await pause(1)
}

/** What goes wrong without a lock: read-modify-write is three steps, and another process may come between any two. */
export const race: Job = {
  name: 'race',
  title: 'Shared memory, no Lock',
  about: `Two add 1 to a shared Value ${TIMES} times each, two to every element of a shared Array: updates are lost.`,
  unit: 'updates',
  untimed: true,

  async serially() {
    const counter = { value: 0 }
    const cells = new Int32Array(TIMES)
    await Promise.all([addToValue(counter).then(() => addToValue(counter)), addToEach(cells).then(() => addToEach(cells))])
    return counted(counter.value, cells)
  },

  async on(mp) {
    const counter = new mp.Value('int32', 0)
    const cells = new mp.Array('int32', TIMES)
    const present = new mp.Value('int32', 0)
    const processes = [
      new mp.Process({ target: addToValue, args: [counter, present] }),
      new mp.Process({ target: addToValue, args: [counter, present] }),
      new mp.Process({ target: addToEach, args: [cells, present] }),
      new mp.Process({ target: addToEach, args: [cells, present] }),
    ]
    for (const process of processes) process.start()
    await joinAll(processes)
    return counted(counter.value, cells)
  },

  holds: ({ lostUpdates = 0 }) => lostUpdates > 0,
}

/** Of `2 × TIMES` additions to each. */
export function counted(value: number, cells: SharedArray<'int32'> | Int32Array): Outcome {
  const sum = cells.reduce((a, b) => a + b, 0)
  const items = 4 * TIMES
  return {
    result: [value, sum],
    items,
    lostUpdates: items - value - sum,
    summary: `the Value is ${value}, the Array adds up to ${sum}, of ${2 * TIMES} each`,
  }
}
