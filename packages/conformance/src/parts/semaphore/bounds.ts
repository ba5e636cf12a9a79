import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { giveMany } from '../../workers/permits.js'

const MOST = 2 ** 31 - 1

/** How many permits there can be. */
export function bounds(suite: Suite): void {
  suite.test('a Semaphore may be released more often than it was acquired', ({ mp }) => {
    const semaphore = new mp.Semaphore(2)
    semaphore.release()
    semaphore.release(3)
    expect(semaphore.value).toBe(6)
  })

  suite.test('a Semaphore has 2147483647 permits at most: beyond, a RangeError, unchanged', ({ mp }) => {
    const semaphore = new mp.Semaphore(5)
    semaphore.release(MOST - 6)
    expect(thrownAtOnce(() => semaphore.release(2))).toBeInstanceOf(RangeError)
    expect(semaphore.value).toBe(MOST - 1)
    semaphore.release()
    for (const n of [1, MOST, Number.MAX_SAFE_INTEGER]) {
      expect(
        thrownAtOnce(() => semaphore.release(n)),
        String(n),
      ).toBeInstanceOf(RangeError)
    }
    expect(semaphore.value).toBe(MOST)
    expect(semaphore.tryAcquire()).toBeDefined()
    expect(semaphore.value).toBe(MOST - 1)
  })

  suite.test('a BoundedSemaphore has no more permits than at first: beyond, a RangeError, unchanged', ({ mp }) => {
    for (const initial of [0, 1, 2, MOST]) {
      const semaphore = new mp.BoundedSemaphore(initial)
      expect(
        thrownAtOnce(() => semaphore.release()),
        String(initial),
      ).toBeInstanceOf(RangeError)
      expect(semaphore.value).toBe(initial)
      if (initial < 2) continue
      semaphore.tryAcquire()
      expect(thrownAtOnce(() => semaphore.release(2))).toBeInstanceOf(RangeError)
      expect(semaphore.value).toBe(initial - 1)
      semaphore.release()
      expect(semaphore.value).toBe(initial)
    }
  })

  suite.test('a guard that is one too many for a BoundedSemaphore says so', async ({ mp }) => {
    const semaphore = new mp.BoundedSemaphore(1)
    const guard = await semaphore.acquire()
    semaphore.release()
    expect(thrownAtOnce(() => guard.release())).toBeInstanceOf(RangeError)
    expect(semaphore.value).toBe(1)
  })

  suite.test('the bound holds in other agents', async ({ mp }) => {
    const semaphore = new mp.BoundedSemaphore(4)
    for (let n = 0; n < 3; n++) semaphore.tryAcquire()
    await allEndWell([new mp.Process({ target: giveMany, args: [semaphore, 3] }).start()])
    expect(semaphore.value).toBe(4)
    const queue = new mp.Queue<typeof semaphore>()
    await queue.put(semaphore)
    await using pool = new mp.Pool(1)
    expect(await thrown(() => pool.apply(giveMany, [semaphore, 1]))).toBeInstanceOf(RangeError)
    expect(semaphore.value).toBe(4)
    expect(await queue.get()).toBe(semaphore)
  })
}
