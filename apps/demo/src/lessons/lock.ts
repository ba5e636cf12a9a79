import { setTimeout as pause } from 'node:timers/promises'
import { type Lockable, type SharedArray, task } from '@multiproc/core'
import type { Job } from '../job.js'
import { joinAll } from '../join-all.js'
import { counted } from './race.js'

const TIMES = 100

const addToValue = task(import.meta, async function addToValue(counter: { value: number }, lock: Exclusion) {
  for (let n = 0; n < TIMES; n++) {
    await lock.runExclusive(async () => {
      const before = counter.value
      await pause(1)
      counter.value = before + 1
    })
  }
})

const addToEach = task(import.meta, async function addToEach(cells: SharedArray<'int32'> | Int32Array, lock: Exclusion) {
  await lock.runExclusive(async () => {
    const before = cells.slice()
    await pause(20)
    cells.set(before.map((n) => n + 1))
  })
})

type Exclusion = Pick<Lockable, 'runExclusive'>

/** The race again, with a lock around reading, pausing and writing. */
export const lock: Job = {
  name: 'lock',
  title: 'Shared memory with a Lock',
  about: 'The same with a Lock held from reading to writing: nothing is lost.',
  unit: 'updates',
  untimed: true,

  async serially() {
    const counter = { value: 0 }
    const cells = new Int32Array(TIMES)
    // Alone in its thread, a loop needs no lock.
    const alone: Exclusion = { runExclusive: async (fn) => fn() }
    const twice = async (once: () => Promise<void>) => once().then(once)
    await Promise.all([twice(() => addToValue(counter, alone)), twice(() => addToEach(cells, alone))])
    return counted(counter.value, cells)
  },

  async on(mp) {
    const counter = new mp.Value('int32', 0)
    const cells = new mp.Array('int32', TIMES)
    const counterLock = new mp.Lock()
    const cellsLock = new mp.Lock()
    const processes = [
      new mp.Process({ target: addToValue, args: [counter, counterLock] }),
      new mp.Process({ target: addToValue, args: [counter, counterLock] }),
      new mp.Process({ target: addToEach, args: [cells, cellsLock] }),
      new mp.Process({ target: addToEach, args: [cells, cellsLock] }),
    ]
    for (const process of processes) process.start()
    await joinAll(processes)
    return counted(counter.value, cells)
  },
}
