/** Waits for a lock that a daemon holds: nothing but the wait keeps this program alive. */
import { isMainProcess } from '@multiproc/core'
import { releaseLate } from '../workers/holding.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const lock = new mp.Lock()
  const held = new mp.Queue()
  new mp.Process({ target: releaseLate, args: [lock, held], daemon: true }).start()
  held.getSync()
  const guard = await lock.acquire()
  guard.release()
  console.log('acquired')
}
