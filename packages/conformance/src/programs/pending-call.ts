/** Nothing but a pending call keeps this program alive. */
import { isMainProcess } from '@multiproc/core'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    return 'done'
  }
  new mp.Pool(1).apply(late).then(console.log)
}
