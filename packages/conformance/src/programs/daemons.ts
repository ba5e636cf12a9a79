/** Ends while daemons are busy for ever and another child has something left to do. */
import { isMainProcess } from '@multiproc/core'
import { stayIn } from '../workers/ending.js'
import { printLate } from '../workers/printing.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const arrived = new mp.Queue()
  const never = new mp.Queue()
  const occupations = ['an async wait', 'a sync wait', 'an endless loop', 'a timer'] as const
  for (const occupation of occupations)
    new mp.Process({ target: stayIn, args: [occupation, arrived, never], daemon: true }).start()
  // Inline, so that it has the thread from the first moment on, and never gives it back.
  const waitAtOnce = (arrived: { putSync(item: string): void }, never: { getSync(): unknown }) => {
    arrived.putSync('a sync wait from the start')
    never.getSync()
  }
  new mp.Process({ target: waitAtOnce, args: [arrived, never], daemon: true }).start()
  new mp.Process({ target: printLate, args: [arrived, 'child done'] }).start()
  for (let n = 0; n < occupations.length + 2; n++) arrived.getSync()
  console.log('main done')
}
