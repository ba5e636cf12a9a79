/** Takes shared memory until there is no more, in every way; prints what happened. To be run under a limit of what it may hold. */
import { isMainProcess, type MultiprocError, type SharedArray } from '@multiproc/core'
import { collectGarbage } from '../support/garbage.js'
import { importBackend } from './backend.js'

const BYTES = 10_000_000

if (isMainProcess) {
  const mp = await importBackend()
  const codeOf = (call: () => unknown) => {
    try {
      call()
      return 'none'
    } catch (error) {
      return (error as MultiprocError).code ?? (error as Error).name
    }
  }
  const fill = () => {
    const arrays: SharedArray<'uint8'>[] = []
    const refused = codeOf(() => {
      for (;;) {
        const array = new mp.Array('uint8', BYTES)
        array.fill(1)
        arrays.push(array)
      }
    })
    return { refused, count: arrays.length, sound: arrays.every((one) => one[BYTES - 1] === 1) }
  }
  const huge = codeOf(() => new mp.Array('float64', 2 ** 33))
  const first = fill()
  const queue = new mp.Queue<Uint8Array>()
  const full = codeOf(() => {
    for (;;) queue.putSync(new Uint8Array(BYTES / 10).fill(2))
  })
  const put = queue.size
  let got = 0
  for (let item = queue.tryGet(); item; item = queue.tryGet()) if (item.every((byte) => byte === 2)) got++
  // A child that runs out of it is told so too, and its parent lives.
  const child = new mp.Process({
    target: (array: unknown, queue: { putSync(item: unknown): void }) => {
      try {
        for (;;) queue.putSync(array)
      } catch (error) {
        process.exit(error instanceof Error ? 7 : 8)
      }
    },
    args: [new Uint8Array(BYTES / 10), queue],
  }).start()
  const inChild = await child.join()
  queue.shutdown({ immediate: true })
  let second = { refused: '', count: 0, sound: false }
  for (let n = 0; n < 500 && second.count < first.count / 2; n++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 2))
    mp.usage()
    second = fill()
  }
  console.log(
    JSON.stringify({
      huge,
      first,
      full,
      put: put > 0 && got === put,
      inChild,
      second: second.count >= first.count / 2 && second.sound,
    }),
  )
}
