/** Starts a process whenever it is loaded: also in the very child, which loads it to find its target. */
import { type MultiprocError, task } from '@multiproc/core'
import { importBackend } from './backend.js'

const mp = await importBackend()

export const work = task(import.meta, function work() {
  console.log('the target runs')
})

const one = new mp.Process({ target: work }).start()
const code = await one.join()
console.log(`exit code ${code}, error ${(one.error as MultiprocError).code}`)
