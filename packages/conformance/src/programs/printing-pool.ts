/** Tasks of a pool print, and the program ends in the way that it is told, with the pool as it is then. */
import { isMainProcess } from '@multiproc/core'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const how = process.argv[2]
  const pool = new mp.Pool(2)
  const items = Array.from({ length: 40 }, (_, n) => n)
  const print = (n: number) => console.log(`task ${n}`)
  if (how === 'sync') pool.mapSync(print, items, { chunksize: 1 })
  else await pool.map(print, items, { chunksize: 1 })
  if (how === 'terminate') await pool.terminate()
  console.log('main done')
  if (how === 'exit') process.exit()
}
