import { NotOwnerError, StateError, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { addNested, tryOnce } from '../../workers/reentering.js'

/** The lock that comes with a Value or an Array: its holder may take it again. */
export function reentry(suite: Suite): void {
  suite.test('acquireSync re-enters in its own agent, and the last release frees it', ({ mp }) => {
    for (const lock of [new mp.RLock(), new mp.Value('int32').lock, new mp.Array('int8', 1).lock]) {
      if (!lock) throw new Error('Values and Arrays come with a lock')
      const guards = [lock.acquireSync(), lock.acquireSync({ timeout: 0 }), lock.tryAcquire()]
      for (const guard of guards) {
        expect(lock.locked).toBe(true)
        guard?.release()
        guard?.release()
      }
      expect(lock.locked).toBe(false)
    }
  })

  suite.test('a guard whose hold was ended by release() ends no other', async ({ mp }) => {
    const lock = new mp.RLock()
    const stale = lock.acquireSync()
    lock.release()
    stale.release()
    const [outer, inner] = [lock.acquireSync(), lock.acquireSync()]
    stale.release()
    lock.release()
    expect(lock.locked).toBe(true)
    inner.release()
    expect(lock.locked).toBe(false)
    outer.release()
    await lock.runExclusive(() => lock.release())
    expect(lock.locked).toBe(false)
    const next = lock.acquireSync()
    stale.release()
    expect(lock.locked).toBe(true)
    next.release()
    expect(thrownAtOnce(() => lock.release())).toBeInstanceOf(NotOwnerError)
  })

  suite.test('a sync acquire that has a time limit runs out of time where another flow holds it', async ({ mp }) => {
    const lock = new mp.RLock()
    await lock.runExclusive(async () => {
      await new Promise(setImmediate)
    })
    let end = () => {}
    const held = lock.runExclusive(() => new Promise<void>((resolve) => (end = resolve)))
    await new Promise(setImmediate)
    for (const timeout of [0, 5]) expect(thrownAtOnce(() => lock.acquireSync({ timeout }))).toBeInstanceOf(TimeoutError)
    expect(thrownAtOnce(() => lock.acquireSync())).toBeInstanceOf(StateError)
    end()
    await held
  })

  suite.test('other agents stay out until the outermost release', async ({ mp }) => {
    const value = new mp.Value('int32', 0)
    const answers = new mp.Queue<boolean>()
    const got = async () => {
      await new mp.Process({ target: tryOnce, args: [value, answers] }).start().join()
      return answers.tryGet()
    }
    const [outer, inner] = [value.lock?.acquireSync(), value.lock?.acquireSync()]
    inner?.release()
    expect(await got()).toBe(false)
    outer?.release()
    expect(await got()).toBe(true)
  })

  for (const [agents, sections] of [
    [2, 10_000],
    [16, 100_000],
  ] as const) {
    suite.test(`${agents} agents, ${sections} nested exclusive sections: none is lost`, async ({ mp }) => {
      const value = new mp.Value('int32', 0)
      const arrived = new mp.Value('int32', 0)
      const all = Array.from({ length: agents }, () =>
        new mp.Process({ target: addNested, args: [value, arrived, agents, sections / agents] }).start(),
      )
      await allEndWell(all)
      expect(value.value).toBe(2 * sections)
    })
  }

  suite.test('runExclusive re-enters within its flow, by any form, also after awaits', async ({ mp }) => {
    const lock = new mp.RLock()
    const depth = await lock.runExclusive(async () => {
      await new Promise(setImmediate)
      const again = await lock.acquire({ timeout: 0 })
      const third = lock.acquireSync({ timeout: 0 })
      const fourth = lock.tryAcquire()
      expect(fourth).toBeDefined()
      const inner = await lock.runExclusive(async () => {
        await new Promise(setImmediate)
        return lock.runExclusiveSync(() => 5)
      })
      for (const guard of [fourth, third, again]) guard?.release()
      return inner
    })
    expect([depth, lock.locked]).toEqual([5, false])
  })

  suite.test('other flows of the same agent wait', async ({ mp }) => {
    const lock = new mp.RLock()
    const order: string[] = []
    const flow = (name: string) =>
      lock.runExclusive(async () => {
        order.push(`${name} in`)
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
        order.push(`${name} out`)
      })
    await Promise.all([flow('a'), flow('b'), flow('c')])
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  })

  suite.test('an acquire outside the holding flow waits', async ({ mp }) => {
    const lock = new mp.RLock()
    const sync = lock.acquireSync()
    const waiting = lock.acquire()
    expect(mp.usage().waits).toBe(1)
    sync.release()
    const guard = await waiting
    const next = lock.acquire()
    expect(mp.usage().waits).toBe(1)
    guard.release()
    ;(await next).release()
  })

  suite.test('a sync acquire that would wait for a flow of its own thread is a StateError', async ({ mp }) => {
    const lock = new mp.RLock()
    let proceed = () => {}
    const flow = lock.runExclusive(() => new Promise<void>((resolve) => (proceed = resolve)))
    await new Promise(setImmediate)
    expect(thrownAtOnce(() => lock.acquireSync())).toBeInstanceOf(StateError)
    expect(thrownAtOnce(() => lock.runExclusiveSync(() => {}))).toBeInstanceOf(StateError)
    expect(lock.tryAcquire(), 'trying never waits').toBeUndefined()
    proceed()
    await flow
    const guard = await lock.acquire()
    expect(thrownAtOnce(() => lock.acquireSync())).toBeInstanceOf(StateError)
    guard.release()
    expect(lock.locked).toBe(false)
  })

  suite.test('release by a non-owner is a NotOwnerError and changes nothing', async ({ mp }) => {
    const value = new mp.Value('int32', 0)
    const answers = new mp.Queue<boolean | string>()
    const lock = value.lock ?? new mp.RLock()
    expect(thrownAtOnce(() => lock.release())).toBeInstanceOf(NotOwnerError)
    const guard = lock.acquireSync()
    await new mp.Process({ target: tryOnce, args: [value, answers, true] }).start().join()
    expect([answers.tryGet(), lock.locked]).toEqual(['MP_NOT_OWNER', true])
    guard.release()
    let proceed = () => {}
    const flow = lock.runExclusive(() => new Promise<void>((resolve) => (proceed = resolve)))
    await new Promise(setImmediate)
    expect(
      thrownAtOnce(() => lock.release()),
      'of another flow',
    ).toBeInstanceOf(NotOwnerError)
    expect(lock.locked).toBe(true)
    proceed()
    await flow
  })

  suite.test('a throw inside leaves every level', async ({ mp }) => {
    const lock = new mp.RLock()
    const fail = () => lock.runExclusiveSync(() => Promise.reject(new Error('inside')))
    expect(await thrown(() => lock.runExclusive(() => lock.runExclusive(fail)))).toMatchObject({ message: 'inside' })
    expect(lock.locked).toBe(false)
  })
}
