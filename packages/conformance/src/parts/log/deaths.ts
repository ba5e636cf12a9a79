import { OwnerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { messagesDuring } from '../../support/messages.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { dieHolding, double } from '../../workers/logging.js'

/** Workers that are replaced, and locks whose holder died. */
export function deaths(suite: Suite): void {
  suite.test('a worker that died is told with its successor', async ({ mp }) => {
    const replaced = await messagesDuring('multiproc:worker:replaced', async (replaced) => {
      await using pool = new mp.Pool(1)
      const [first] = pool.workers
      await thrown(() => pool.apply(() => process.exit(3)))
      expect(await pool.apply(double, [4])).toBe(8)
      const [second] = pool.workers
      const agent = { name: 'MainProcess', pid: mp.currentProcess().pid }
      const [worker, successor] = [first, second].map((one) => ({ name: one?.name, pid: one?.pid }))
      expect(replaced).toEqual([{ agent, worker, exitCode: 3, successor }])
    })
    expect(replaced.length, 'a worker that was terminated with its pool has no successor').toBe(1)
  })

  suite.test('a lock whose holder died is told by each who finds it, until it is recovered', async ({ mp }) => {
    for (const object of ['Lock', 'RLock'] as const) {
      const lock = new mp[object]()
      await new mp.Process({ target: dieHolding, args: [lock], name: 'the late' }).start().join()
      const agent = { name: 'MainProcess', pid: mp.currentProcess().pid }
      const found = { agent, owner: 'the late', object, recovered: false }
      const told = await messagesDuring('multiproc:owner:died', async () => {
        expect(thrownAtOnce(() => lock.tryAcquire())).toBeInstanceOf(OwnerDiedError)
        expect(thrownAtOnce(() => lock.acquireSync())).toBeInstanceOf(OwnerDiedError)
        expect(await thrown(() => lock.acquire())).toBeInstanceOf(OwnerDiedError)
        ;(await lock.recover()).release()
        lock.acquireSync().release()
      })
      expect(told).toEqual([found, found, found, { ...found, recovered: true }])
    }
  })
}
