/** As a beginner writes it: each child runs this script again, to find the task. */
import { task } from '@multiproc/core'
import { importBackend } from './backend.js'
import './same-arguments.js'

console.log('main script')
const mp = await importBackend()
const work = task(import.meta, function work() {})
const one = new mp.Process({ target: work }).start()
process.exitCode = await one.join()
