/** The whole program runs in a worker thread that multiproc did not start. */
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker } from 'node:worker_threads'
import { isMainProcess } from '@multiproc/core'
import { importBackend } from './backend.js'

if (isMainThread) {
  new Worker(fileURLToPath(import.meta.url))
} else {
  const mp = await importBackend()
  console.log(`isMainProcess ${isMainProcess && mp.isMainProcess}, parent ${mp.parentProcess()}`)
  const sum = new mp.Value('int32', 0)
  const target = (sum: { add(n: number): number }, n: number) => void sum.add(n)
  await Promise.all([1, 2, 3, 4].map((n) => new mp.Process({ target, args: [sum, n] }).start().join()))
  console.log(`sum ${sum.value}`)
}
