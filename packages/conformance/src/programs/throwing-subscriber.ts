/** Somebody who listens fails; who is listened to goes on. */
import { subscribe } from 'node:diagnostics_channel'
import { isMainProcess } from '@multiproc/core'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`))
  subscribe('multiproc:process:start', () => {
    throw new Error('from a subscriber')
  })
  const code = await new mp.Process({ target: () => {} }).start().join()
  console.log(`exit code ${code}`)
}
