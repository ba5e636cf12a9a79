import { inspect } from 'node:util'
import { ClosedError, type Condition, NotOwnerError, OwnerDiedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { endHolding, holdFor, notifyAll, notifyAndEnd } from '../../workers/conditions.js'

/** The lock of a condition: who must have it, and what becomes of it in a wait. */
export function locks(suite: Suite): void {
  suite.test('each method needs the lock: NotOwnerError at the call, also where others have it', async ({ mp }) => {
    for (const condition of [new mp.Condition(), new mp.Condition(new mp.Lock())]) {
      expectRefused(condition)
      const [said, go] = [new mp.Queue(), new mp.Queue()]
      const holder = new mp.Process({ target: holdFor, args: [condition.lock, said, go] }).start()
      await said.get()
      expectRefused(condition)
      await go.put('let go')
      await allEndWell([holder])
      expect([condition.locked, mp.usage().waits]).toEqual([false, 0])
    }
  })

  suite.test('what one flow holds is not held by another of the same agent', async ({ mp }) => {
    const condition = new mp.Condition()
    let proceed = () => {}
    const inside = condition.runExclusive(() => new Promise<void>((resolve) => (proceed = resolve)))
    await turns()
    expect(condition.locked).toBe(true)
    expectRefused(condition)
    proceed()
    await inside
  })

  for (const form of formsOf(suite.capabilities)) {
    suite.test(`wait() gives up every level of an RLock and restores them (${form})`, async ({ mp }) => {
      const condition = new mp.Condition()
      const guards = [condition.acquireSync(), condition.acquireSync(), condition.acquireSync()]
      // It can notify only when it has the lock.
      const notifier = new mp.Process({ target: notifyAll, args: [condition] }).start()
      expect(form === 'sync' ? condition.waitSync() : await condition.wait()).toBe(true)
      for (const guard of guards) {
        expect(condition.locked).toBe(true)
        guard.release()
      }
      expect(condition.locked).toBe(false)
      await allEndWell([notifier])
    })
  }

  suite.test('wait() inside of nested runExclusive: the flow holds every level again', async ({ mp }) => {
    const condition = new mp.Condition()
    const seen: unknown[] = []
    const waiting = condition.runExclusive(() =>
      condition.runExclusive(async () => {
        seen.push(await condition.wait())
        // Of this flow still: it re-enters, and may notify.
        await condition.runExclusive(() => condition.notify())
        const guard = condition.tryAcquire()
        seen.push(guard !== undefined)
        guard?.release()
        await condition.runExclusive(() => seen.push('inner'))
      }),
    )
    const other = condition.runExclusive(() => seen.push('other'))
    await condition.runExclusive(() => condition.notify())
    await Promise.all([waiting, other])
    expect(seen).toEqual(['other', true, true, 'inner'])
    expect(condition.locked).toBe(false)
  })

  suite.test('guards of a Lock stay valid across wait(), whoever had the lock meanwhile', async ({ mp }) => {
    const condition = new mp.Condition(new mp.Lock())
    const first = await condition.acquire()
    const waiting = condition.wait()
    const second = await condition.acquire()
    const again = condition.wait()
    const third = await condition.acquire()
    condition.notifyAll()
    first.release()
    expect(condition.locked, 'a guard whose hold is given up releases nothing').toBe(true)
    third.release()
    expect(await waiting).toBe(true)
    // Its guard was released during the wait, so it is given back at once.
    expect(await again).toBe(true)
    expect(condition.locked).toBe(true)
    second.release()
    expect(condition.locked).toBe(false)
  })

  suite.test('a flow that ends without awaiting its wait() leaves the lock to others', async ({ mp }) => {
    for (const condition of [new mp.Condition(), new mp.Condition(new mp.Lock())]) {
      let waiting: Promise<boolean> | undefined
      await condition.runExclusive(() => {
        waiting = condition.wait()
      })
      await condition.runExclusive(() => condition.notify())
      expect(await waiting).toBe(true)
      await turns()
      expect(condition.locked).toBe(false)
    }
  })

  suite.test('acquire, release and runExclusive are those of its lock', async ({ mp, within }) => {
    const timeout = within(10_000)
    for (const given of [undefined, new mp.Lock(), new mp.RLock()]) {
      const condition = new mp.Condition(given)
      const { lock } = condition
      if (given) expect(lock).toBe(given)
      expect(condition.lock).toBe(lock)
      for (const acquire of [
        () => condition.acquire({ timeout }),
        () => condition.acquireSync({ timeout }),
        () => condition.tryAcquire(),
      ]) {
        const guard = await acquire()
        expect([lock.locked, condition.locked, guard?.ownerDied]).toEqual([true, true, false])
        guard?.release()
        expect(lock.locked).toBe(false)
        await lock.acquire()
        condition.release()
        expect(lock.locked).toBe(false)
      }
      expect(condition.runExclusiveSync(() => lock.locked)).toBe(true)
      expect(await condition.runExclusive(async () => lock.locked)).toBe(true)
      expect(thrownAtOnce(() => condition.release())).toBeInstanceOf(NotOwnerError)
      using _guard = lock.acquireSync()
      expect(inspect(condition)).toBe('Condition { locked: true }')
    }
  })

  suite.test('several conditions over one lock', async ({ mp }) => {
    const lock = new mp.Lock()
    const conditions = [new mp.Condition(lock), new mp.Condition(lock)]
    const order: number[] = []
    const waits = conditions.map(async (condition, n) => {
      using _guard = await lock.acquire()
      await condition.wait()
      order.push(n)
    })
    for (const n of [1, 0]) {
      await lock.runExclusive(() => conditions[n]?.notify())
      await waits[n]
    }
    expect(order).toEqual([1, 0])
  })

  suite.test('its own lock recovers when a holder dies; one that was given does as it was told', async ({ mp }) => {
    for (const [condition, throws] of [
      [new mp.Condition(), false],
      [new mp.Condition(new mp.Lock({ onOwnerDeath: 'recover' })), false],
      [new mp.Condition(new mp.RLock()), true],
      [new mp.Condition(new mp.Lock()), true],
    ] as const) {
      const waiting = condition.runExclusive(() => condition.wait())
      const [said, go] = [new mp.Queue(), new mp.Queue()]
      const holder = new mp.Process({ target: endHolding, args: [condition, said, go] }).start()
      await said.get()
      if (throws) {
        // It waits for a notification, and learns of the death when it wants the lock again.
        const impatient = condition.runExclusive(() => condition.wait({ timeout: 1 }))
        go.putSync('end')
        await holder.join()
        expect(await thrown(() => impatient)).toBeInstanceOf(OwnerDiedError)
        const guard = await condition.lock.recover()
        expect(guard.ownerDied).toBe(true)
        condition.notifyAll()
        guard.release()
      } else {
        go.putSync('end')
        await holder.join()
        const guard = await condition.acquire()
        expect(guard.ownerDied).toBe(true)
        condition.notify()
        guard.release()
      }
      expect(await waiting).toBe(true)
      expect(condition.locked).toBe(false)
    }
  })

  suite.test('a wait that finds the holder dead throws OwnerDiedError, and absorbs nothing', async ({ mp }) => {
    const condition = new mp.Condition(new mp.Lock())
    const waits = [1, 2].map(() => thrown(() => condition.runExclusive(() => condition.wait())))
    const [said, go] = [new mp.Queue(), new mp.Queue()]
    const holder = new mp.Process({ target: notifyAndEnd, args: [condition, said, go] }).start()
    await said.get()
    go.putSync('end')
    await holder.join()
    // One was notified, could not go on, and so the other one was in its place.
    for (const wait of waits) expect(await wait).toBeInstanceOf(OwnerDiedError)
    ;(await condition.lock.recover()).release()
    expect(await condition.runExclusive(() => condition.wait({ timeout: 1 }))).toBe(false)
  })

  suite.test('what is no lock is a TypeError', ({ mp }) => {
    for (const none of [null, 1, 'x', {}, new mp.Value('int8'), new mp.Condition(), { acquireSync() {} }]) {
      expect(thrownAtOnce(() => new mp.Condition(none as never))).toBeInstanceOf(TypeError)
    }
  })

  suite.test('use after close is a ClosedError', async ({ create }) => {
    const mp = create()
    const condition = new mp.Condition()
    const waiting = thrown(() => condition.runExclusive(() => condition.wait()))
    await turns()
    await mp.close()
    expect(await waiting).toBeInstanceOf(ClosedError)
    for (const use of [
      () => condition.wait(),
      () => condition.waitSync(),
      () => condition.waitFor(() => true),
      () => condition.waitForSync(() => true),
      () => condition.notify(),
      () => condition.notifyAll(),
      () => condition.acquire(),
      () => condition.release(),
      () => condition.locked,
    ]) {
      expect(await thrown(use)).toBeInstanceOf(ClosedError)
    }
    expect(inspect(condition)).toBe('Condition (closed)')
  })
}

function expectRefused(condition: Condition): void {
  for (const use of [
    () => condition.wait(),
    () => condition.wait({ timeout: 0 }),
    () => condition.waitSync({ timeout: 0 }),
    () => condition.waitFor(() => true),
    () => condition.waitForSync(() => true),
    () => condition.notify(),
    () => condition.notifyAll(),
  ]) {
    expect(thrownAtOnce(use)).toBeInstanceOf(NotOwnerError)
  }
}
