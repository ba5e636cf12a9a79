/** Ends abruptly while its children are busy for ever. */
import { isMainProcess } from '@multiproc/core'
import { stayIn } from '../workers/ending.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const arrived = new mp.Queue()
  const never = new mp.Queue()
  for (const daemon of [false, true]) {
    for (const occupation of ['an async wait', 'a sync wait', 'an endless loop'] as const) {
      new mp.Process({ target: stayIn, args: [occupation, arrived, never], daemon }).start()
      await arrived.get()
    }
  }
  console.log('children run')
  const error = new Error('end of the main script')
  if (process.argv[2] === 'exit') process.exit(5)
  if (process.argv[2] === 'throw')
    setImmediate(() => {
      throw error
    })
  else void Promise.reject(error)
}
