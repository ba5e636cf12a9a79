import { BrokenBarrierError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { thrown } from '../../support/thrown.js'
import { actForEver, arriveAndTell, type Result } from '../../workers/barriers.js'

/** Parties that die. */
export function death(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const form of forms) {
    suite.test(`one that dies waiting (${form}) has come: the others go on`, async ({ mp, until }) => {
      const barrier = new mp.Barrier(3)
      const results = new mp.Queue<Result>()
      for (let round = 0; round < 2; round++) {
        const victim = new mp.Process({ target: arriveAndTell, args: [barrier, results, form] }).start()
        await until(() => barrier.waiting === 1, 'its arrival')
        victim.kill()
        await victim.join()
        expect(barrier.waiting).toBe(1)
        expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([1, 2])
      }
    })
  }

  suite.test('one that never comes is a matter of the timeout', async ({ mp, until }) => {
    const barrier = new mp.Barrier(3, { timeout: 100 })
    const results = new mp.Queue<Result>()
    const other = new mp.Process({ target: arriveAndTell, args: [barrier, results, forms[0] ?? 'async', 1_000_000] }).start()
    await until(() => barrier.waiting === 1, 'its arrival')
    const victim = new mp.Process({ target: () => new Promise(() => setTimeout(() => {}, 1_000_000)), args: [] }).start()
    const here = thrown(() => barrier.wait())
    victim.kill()
    await victim.join()
    expect(await here).toBeInstanceOf(BrokenBarrierError)
    expect(await results.get()).toBe('MP_BROKEN_BARRIER')
    await allEndWell([other])
  })

  suite.test('the one that runs the action dies: the barrier breaks, and nobody hangs', async ({ mp, until }) => {
    const barrier = new mp.Barrier(2 + forms.length, { action: actForEver })
    const results = new mp.Queue<Result>()
    const others = forms.map((form) => new mp.Process({ target: arriveAndTell, args: [barrier, results, form] }).start())
    const here = thrown(() => barrier.wait())
    await until(() => barrier.waiting === 1 + forms.length, 'the arrival of the others')
    const actor = new mp.Process({ target: arriveAndTell, args: [barrier, results, 'async'] }).start()
    await until(() => barrier.waiting === barrier.parties, 'the action')
    actor.kill()
    await actor.join()
    expect(await here).toBeInstanceOf(BrokenBarrierError)
    for (const _ of forms) expect(await results.get()).toBe('MP_BROKEN_BARRIER')
    await allEndWell(others)
    expect(barrier.broken).toBe(true)
    barrier.reset()
    expect(barrier.broken).toBe(false)
  })
}
