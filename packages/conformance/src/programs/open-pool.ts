/** Ends with its pool still open. */
import { isMainProcess } from '@multiproc/core'
import { square } from '../workers/pool-tasks.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const pool = new mp.Pool(2)
  console.log(JSON.stringify(await pool.map(square, [1, 2, 3])))
}
