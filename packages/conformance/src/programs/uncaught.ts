/** A child fails; the program goes on. */
import { isMainProcess } from '@multiproc/core'
import { throwOwnClass } from '../workers/ending.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const one = new mp.Process({ target: throwOwnClass }).start()
  const code = await one.join()
  console.log(`exit code ${code}, error ${(one.error as Error).name}: ${(one.error as Error).message}`)
}
