import { Worker } from 'node:worker_threads'
import { Lock, Process, Queue, task, Value } from '@multiproc/backend-threads'
import type { Benchmark, Scale } from '../benchmark.js'
import { sampled } from '../timing.js'
import { entry } from '../workers/entry.js'

const PAIRS = 400_000

/** Adds 1 under the lock, as often as each message says, until one says 0. */
export const contend = task(import.meta, function contend(lock: Lock, total: Value, orders: Queue<number>, done: Queue<number>) {
  const addAll = (turns: number) => {
    for (let n = 0; n < turns; n++) {
      lock.acquireSync()
      total.value++
      lock.release()
    }
  }
  for (let turns = orders.getSync(); turns > 0; turns = orders.getSync()) {
    addAll(turns)
    done.putSync(turns)
  }
})

async function ours(scale: Scale): Promise<number[]> {
  const turns = Math.round(PAIRS * scale.work)
  const lock = new Lock()
  const total = new Value('int32', 0, { lock: false })
  const done = new Queue<number>()
  const contenders = [0, 1].map(() => {
    const orders = new Queue<number>()
    return { orders, process: new Process({ target: contend, args: [lock, total, orders, done] }).start() }
  })
  const figures = await sampled(scale, () => {
    total.value = 0
    const start = performance.now()
    for (const { orders } of contenders) orders.putSync(turns)
    for (const _ of contenders) done.getSync()
    const ms = performance.now() - start
    if (total.value !== 2 * turns) throw new Error(`${2 * turns} additions gave ${total.value}: the lock let two in at a time`)
    return (ms / (2 * turns)) * 1e6
  })
  for (const { orders } of contenders) orders.putSync(0)
  for (const { process } of contenders) await process.join()
  return figures
}

/** U. Drepper's futex mutex ("Futexes Are Tricky", 2011, mutex 3), which looks 100 times before it sleeps. */
async function futexMutex(scale: Scale): Promise<number[]> {
  const turns = Math.round(PAIRS * scale.work)
  const words = new Int32Array(new SharedArrayBuffer(256))
  const workers = [0, 1].map(() => new Worker(entry('futex-mutex'), { workerData: words }))
  const replies = () => Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))))
  const figures = await sampled(scale, async () => {
    words.fill(0)
    const finished = replies()
    const start = performance.now()
    for (const worker of workers) worker.postMessage(turns)
    await finished
    const ms = performance.now() - start
    if (words[32] !== 2 * turns) throw new Error(`${2 * turns} additions gave ${words[32]}`)
    return (ms / (2 * turns)) * 1e6
  })
  for (const worker of workers) await worker.terminate()
  return figures
}

const OURS = 'acquireSync + release'

export const contendedLock: Benchmark = {
  name: 'contended-lock',
  title: 'Lock, contended by two threads',
  measures: 'ns per pair and increment under the lock, 400,000 by each of two threads at once (wall time ÷ 800,000).',
  unit: 'ns',
  better: 'lower',
  ours: OURS,
  contenders: { [OURS]: ours, 'futex mutex of 15 lines': futexMutex },
}
