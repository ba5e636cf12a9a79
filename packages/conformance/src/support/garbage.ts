import type { Context } from '@multiproc/core'
import type { Tools } from '../suite.js'

/** Collects what this agent refers to no more. The suite checks once that the collector can be called. */
export function collectGarbage(): void {
  ;(globalThis as { gc?: () => void }).gc?.()
}

/** Waits until this family's objects use no memory any more. */
export async function untilFreed({ mp, until }: Tools): Promise<void> {
  await until(() => {
    collectGarbage()
    return mp.usage().blocks === 0
  }, 'the return of all memory')
}

/** Fills and drops memory, so that what was freed too early is overwritten. */
export async function stir(mp: Context): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 300; n++) {
      new mp.Value('int32', -1)
      new mp.Queue<number>().putSync(-1)
      new mp.Array('int32', 20).fill(-1)
    }
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 1))
    mp.usage()
  }
}
