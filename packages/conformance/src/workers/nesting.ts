import { getContext, type Queue, task } from '@multiproc/core'
import { type Occupation, stayIn } from './ending.js'

/** `depth` processes down, one makes a Value and a Lock and sends them up. */
export const startAndWait = task(import.meta, async function startAndWait(backend: string, up: Queue<object>, depth: number) {
  const mp = await getContext(backend)
  if (depth === 0) {
    await up.put({ value: new mp.Value('int32', 42), lock: new mp.Lock() })
    return
  }
  const child = new mp.Process({ target: startAndWait, args: [backend, up, depth - 1] }).start()
  process.exitCode = await child.join()
})

/** Stays with a child that stays in `occupation`. */
export const stayWithChild = task(
  import.meta,
  async function stayWithChild(backend: string, occupation: Occupation, arrived: Queue, never: Queue) {
    const mp = await getContext(backend)
    await new mp.Process({ target: stayIn, args: [occupation, arrived, never] }).start().join()
  },
)
