/** Makes one of everything, uses it, and closes nothing. */
import { isMainProcess } from '@multiproc/core'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const made = [new mp.Lock(), new mp.RLock(), new mp.Value('int32'), new mp.Array('int8', 5), new mp.Queue()]
  const pool = new mp.Pool(2)
  const lengths = await pool.map((n: number) => n, [1, 2, 3])
  await new mp.Process({ target: (things: unknown[]) => process.exit(things.length - 5), args: [made] }).start().join()
  made[0] instanceof mp.Lock && made[0].acquireSync()
  if (lengths.length === 3) console.log('done')
}
