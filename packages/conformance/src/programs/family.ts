/**
 * Starts children and grandchildren that are busy in every way, some of them from a worker thread; prints the pids of all when they are, and goes on for ever.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { isMainProcess } from '@multiproc/core'
import { OCCUPATIONS, type Occupation, startAll, startEach, toldBy } from '../workers/descending.js'
import { importBackend } from './backend.js'

const OF_CHILD = ['acquireSync', 'an idle pool', 'an endless loop'] as const
const OF_THREAD = ['getSync', 'an endless loop'] as const

async function startFamily(occupations: readonly Occupation[], grandchildren: readonly Occupation[]): Promise<number[]> {
  const mp = await importBackend()
  const around = { backend: mp.backend.name, lock: new mp.Lock(), pids: new mp.Queue<number>(), never: new mp.Queue() }
  around.lock.acquireSync()
  startEach(mp, occupations, around)
  if (grandchildren.length > 0) new mp.Process({ target: startAll, args: [grandchildren, around] }).start()
  const told: number[] = []
  const count = toldBy(occupations) + (grandchildren.length > 0 ? toldBy(grandchildren) + 1 : 0)
  while (told.length < count) told.push(await around.pids.get())
  return told
}

if (isMainProcess && isMainThread) {
  const pids = await startFamily(OCCUPATIONS, OF_CHILD)
  const [ofThread] = await once(new Worker(fileURLToPath(import.meta.url)), 'message')
  console.log(JSON.stringify([...pids, ...(ofThread as number[])]))
} else if (isMainProcess) {
  parentPort?.postMessage(await startFamily(OF_THREAD, []))
}
