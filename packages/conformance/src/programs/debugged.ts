/** Something of everything that is told of. Its parts come one after the other, so that the lines do. */
import { isMainProcess } from '@multiproc/core'
import { dieHolding, double, failWith } from '../workers/logging.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const lock = new mp.Lock({ onOwnerDeath: 'recover' })
  await new mp.Process({ target: dieHolding, args: [lock], name: 'two\nlines' }).start().join()
  lock.acquireSync().release()
  const pool = new mp.Pool(1)
  await pool.apply(double, [1])
  await pool.apply(failWith, ['on\npurpose']).catch(() => {})
  await pool.apply(() => process.exit(3)).catch(() => {})
  await pool.apply(double, [2])
  await pool.terminate()
}
