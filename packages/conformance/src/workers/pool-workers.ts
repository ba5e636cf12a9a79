import { threadId } from 'node:worker_threads'
import { getContext, type Queue, type SharedArray, task, type Value } from '@multiproc/core'

/** Which worker this is; marks its item. */
export const whoAmI = task(import.meta, function whoAmI({ n, done }: { n: number; done: SharedArray<'int32'> }) {
  Atomics.add(done as unknown as Int32Array, n, 1)
  return `${process.pid}/${threadId}`
})

let calls = 0

/** How often it has been called in this worker. */
export const countHere = task(import.meta, function countHere() {
  return ++calls
})

/** Meets others of its kind: all must be there at once. */
export const meet = task(import.meta, async function meet({ n, came, all }: { n: number; came: Value; all: number }) {
  came.add(1)
  while (came.value < all) await new Promise((resolve) => setTimeout(resolve, 1))
  return n
})

/** Waits for a gate, without a thread. */
export const waitAt = task(import.meta, async function waitAt(gate: Queue, came: Value) {
  came.add(1)
  for await (const _ of gate);
  return 'passed'
})

/** Sends its worker away once `came` has reached `all`. */
export const dieWhen = task(import.meta, async function dieWhen(came: Value, all: number) {
  came.add(1)
  while (came.value < all) await new Promise((resolve) => setTimeout(resolve, 1))
  process.exit(9)
})

/** The sum of squares, computed by a pool in this worker. */
export const sumOfSquares = task(
  import.meta,
  async function sumOfSquares(backend: string, depth: number, n: number): Promise<number> {
    const mp = await getContext(backend)
    const pool = new mp.Pool(2)
    try {
      if (depth > 1) return await pool.apply(sumOfSquares, [backend, depth - 1, n])
      const squares = await pool.map(
        (i: number) => i * i,
        Array.from({ length: n }, (_, i) => i),
      )
      return squares.reduce((a, b) => a + b, 0)
    } finally {
      await pool.terminate()
    }
  },
)

/** Starts a pool that it never ends, and says who its workers are. */
export const leavePoolOpen = task(import.meta, async function leavePoolOpen(backend: string, value: Value) {
  const mp = await getContext(backend)
  const pool = new mp.Pool(1)
  await pool.apply((shared: Value) => shared.add(1), [value])
  return pool.workers.length
})

/** Counts, every ms. */
export const startTicking = task(import.meta, function startTicking(ticks: Value) {
  setInterval(() => ticks.add(1), 1)
})
