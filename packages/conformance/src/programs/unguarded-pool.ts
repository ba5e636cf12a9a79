/** As a beginner writes it: each worker runs this script again, to find the task. */
import { task } from '@multiproc/core'
import { importBackend } from './backend.js'
import './same-arguments.js'

console.log('main script')
const mp = await importBackend()
const work = task(import.meta, function work(n: number) {
  return n * n
})
const pool = new mp.Pool(2)
console.log(await pool.map(work, [1, 2, 3]))
await pool.terminate()
