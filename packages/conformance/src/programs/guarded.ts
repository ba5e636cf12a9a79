/** A main script that starts what it defines. */
import { isMainProcess, task } from '@multiproc/core'
import { importBackend } from './backend.js'

const squareHere = task(import.meta, function squareHere(n: number) {
  return n * n
})

if (isMainProcess) {
  const mp = await importBackend()
  await using pool = new mp.Pool(2)
  console.log(JSON.stringify(await pool.map(squareHere, [1, 2, 3])))
}
