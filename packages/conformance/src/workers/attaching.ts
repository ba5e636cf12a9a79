import { getContext, type Queue, task } from '@multiproc/core'

/** Attaches by name, adds 1 to the first word as often as told, and never closes. */
export const addByName = task(import.meta, async function addByName(backend: string, name: string, times: number) {
  const mp = await getContext(backend)
  const { buf } = new mp.SharedMemory({ name })
  const words = new Int32Array(buf.buffer, 0, 1)
  for (let n = 0; n < times; n++) Atomics.add(words, 0, 1)
})

/** Creates memory, says so, and stays. */
export const createAndStay = task(
  import.meta,
  async function createAndStay(backend: string, name: string, created: Queue, never: Queue) {
    const mp = await getContext(backend)
    new mp.SharedMemory({ name, create: true, size: 100 }).buf.fill(7)
    await created.put(name)
    await never.get()
  },
)
