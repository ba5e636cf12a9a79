/** A child and its child print more than a pipe holds, and each is joined without a turn of the event loop that started it. */
import { getContext, isMainProcess, task } from '@multiproc/core'
import { importBackend } from './backend.js'

export const print = task(import.meta, async function print(backend: string, names: readonly string[]) {
  const [name, ...others] = names
  for (let n = 0; n < 2_000; n++) console.log(`${name} ${n}`)
  if (others.length === 0) return
  const mp = await getContext(backend)
  process.exitCode = new mp.Process({ target: print, args: [backend, others] }).start().joinSync()
})

if (isMainProcess) {
  const mp = await importBackend()
  const child = new mp.Process({ target: print, args: [mp.backend.name, ['child', 'grandchild']] }).start()
  console.log(`exit code ${child.joinSync()}`)
}
