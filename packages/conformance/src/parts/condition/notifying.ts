import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { Waiters } from '../../support/waiters.js'

/** Who goes on when somebody notifies. After CPython's `test_notify`, `test_notify_n` and `test_notify_all`. */
export function notifying(suite: Suite): void {
  const forms = formsOf(suite.capabilities)
  const mixed = [...forms, ...forms, ...forms].slice(0, 3)

  suite.test('notify() wakes one, in the order in which they came, sync and async ones alike', async ({ mp }) => {
    const condition = new mp.Condition()
    const waiters = new Waiters(mp, condition)
    for (const [n, form] of mixed.entries()) await waiters.add(`${n}`, form)
    for (const n of mixed.keys()) {
      await condition.runExclusive(() => condition.notify())
      expect(await waiters.next()).toEqual([`${n}`, true, true])
    }
    await allEndWell(waiters.processes)
    expect(condition.locked).toBe(false)
  })

  suite.test('notify(n) wakes n, of other agents and of this one', async ({ mp, until }) => {
    const condition = new mp.Condition()
    const waiters = new Waiters(mp, condition)
    let woken = 0
    const here: Promise<void>[] = []
    const waitHere = () => {
      here.push(
        condition.runExclusive(async () => {
          if (await condition.wait()) woken++
        }),
      )
    }
    for (const form of mixed) {
      waitHere()
      await condition.runExclusive(() => {})
      await waiters.add('there', form)
    }
    const seen = () => woken + waiters.untold
    for (const [n, sum] of [
      [2, 2],
      [3, 5],
      [7, 6],
    ] as const) {
      await condition.runExclusive(() => condition.notify(n))
      await until(() => seen() >= sum, `the waking of ${sum}`)
      await turns()
      expect(seen()).toBe(sum)
    }
    await Promise.all(here)
    await allEndWell(waiters.processes)
    expect(woken).toBe(3)
  })

  suite.test('notifyAll() wakes all, but nobody who comes later', async ({ mp }) => {
    const condition = new mp.Condition()
    const waiters = new Waiters(mp, condition)
    for (const form of mixed) await waiters.add('early', form)
    const early = [1, 2].map(() => condition.runExclusive(() => condition.wait()))
    await condition.runExclusive(() => condition.notifyAll())
    for (const _ of mixed) expect(await waiters.next()).toEqual(['early', true, true])
    expect(await Promise.all(early)).toEqual([true, true])
    expect(await condition.runExclusive(() => condition.wait({ timeout: 0 }))).toBe(false)
    await allEndWell(waiters.processes)
  })

  suite.test('a notification that nobody waits for is forgotten', async ({ mp }) => {
    const condition = new mp.Condition()
    const result = await condition.runExclusive(() => {
      condition.notify(3)
      condition.notifyAll()
      return condition.wait({ timeout: 10 })
    })
    expect(result).toBe(false)
  })

  suite.test('who notifies waits for nobody; who is notified waits for the lock', async ({ mp }) => {
    const condition = new mp.Condition(new mp.Lock())
    const waiters = new Waiters(mp, condition)
    for (const form of forms) await waiters.add('there', form)
    const order: string[] = []
    const here = condition.runExclusive(async () => {
      await condition.wait()
      order.push('waiter')
    })
    await condition.runExclusive(async () => {
      condition.notifyAll()
      await turns()
      order.push('notifier')
      expect(waiters.untold).toBe(0)
    })
    await here
    expect(order).toEqual(['notifier', 'waiter'])
    for (const _ of forms) expect(await waiters.next()).toEqual(['there', true, true])
    await allEndWell(waiters.processes)
  })

  suite.test('more waiters than are expected at first: all are woken, and their memory is the condition’s', async ({ mp }) => {
    const condition = new mp.Condition()
    for (let round = 0; round < 2; round++) {
      const here = Array.from({ length: 200 }, async (_, n) => {
        await condition.acquire()
        const notified = await condition.wait()
        condition.release()
        return notified && n
      })
      await condition.runExclusive(() => condition.notify(150))
      expect(await Promise.all(here.slice(0, 150))).toEqual(Array.from({ length: 150 }, (_, n) => n))
      await condition.runExclusive(() => condition.notifyAll())
      expect(await Promise.all(here)).toHaveLength(200)
    }
    expect(mp.usage().waits).toBe(0)
  })

  suite.test('a number of waiters that is none', ({ mp }) => {
    const condition = new mp.Condition()
    using _guard = condition.acquireSync()
    for (const n of ['1', null, 1n, true, {}]) {
      expect(thrownAtOnce(() => condition.notify(n as never))).toBeInstanceOf(TypeError)
    }
    for (const n of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(thrownAtOnce(() => condition.notify(n))).toBeInstanceOf(RangeError)
    }
  })
}
