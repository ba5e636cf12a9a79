/** Worker threads that start processes and are terminated while those start. Prints in which rounds somebody lived on for more than a second. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { isMainProcess } from '@multiproc/core'
import { isRunning } from '../support/os-processes.js'
import { importBackend } from './backend.js'

const ROUNDS = 6

if (isMainProcess && isMainThread) {
  const late: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const thread = new Worker(fileURLToPath(import.meta.url))
    const [pids] = (await once(thread, 'message')) as [number[]]
    await new Promise((resolve) => setTimeout(resolve, 15 * round))
    await thread.terminate()
    const deadline = performance.now() + 1_000
    while (pids.some(isRunning) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
    if (pids.some(isRunning)) late.push(round)
  }
  console.log(JSON.stringify(late))
  process.exit(0)
} else if (isMainProcess) {
  const mp = await importBackend()
  const loop = () => {
    for (;;);
  }
  parentPort?.postMessage([1, 2].map(() => new mp.Process({ target: loop }).start().pid))
}
