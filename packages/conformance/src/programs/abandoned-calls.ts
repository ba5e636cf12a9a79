/** Ends with pools left open whose workers are busy for ever with what nobody waits for any more. */
import { isMainProcess } from '@multiproc/core'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const stayed = new mp.Queue<number>()
  const stayFrom = (n: number) => {
    if (n === 0) return n
    for (;;);
  }
  const pool = new mp.Pool(2)
  for await (const result of pool.imap(stayFrom, [0, 1, 2])) {
    console.log(`left at ${result}`)
    break
  }
  const stayInit = (begun: typeof stayed) => {
    begun.putSync(1)
    for (;;);
  }
  const starting = new mp.Pool({ processes: 1, initializer: stayInit, initargs: [stayed] })
  const told = starting.apply((n: number) => n, [1], { timeout: 1_000 }).catch((error: Error) => console.log(error.name))
  await stayed.get()
  await told
}
