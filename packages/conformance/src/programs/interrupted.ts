/** Has a handler for the signal that it is given the name of, and cleans up in it. */
import { isMainProcess, type Value } from '@multiproc/core'
import { block } from '../workers/pool-tasks.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const [, , signal, work] = process.argv
  const pool = new mp.Pool(2)
  const started: Value = new mp.Value('int32', 0)
  process.once(signal as NodeJS.Signals, async () => {
    console.log('cleaning up')
    await pool.terminate()
    console.log('clean')
  })
  // A handler alone does not keep a program alive.
  const calls = [1, 2].map(async () => {
    if (work === 'blocked') await pool.apply(block, [started])
    else
      await pool.apply(
        async (started: Value, busy: boolean) => {
          started.add(1)
          if (busy) for (;;);
          await new Promise((resolve) => setTimeout(resolve, 1_000_000))
        },
        [started, work === 'busy'],
      )
  })
  const ends = Promise.allSettled(calls)
  while (started.value < 2) await new Promise(setImmediate)
  console.log('ready')
  const settled = await ends
  if (settled.some(({ status }) => status === 'fulfilled')) console.log('a call that was interrupted came to its end')
}
