import { getEventListeners } from 'node:events'
import { TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { holdUntil } from '../../workers/holding.js'

/** Waits that are called off. */
export function abort(suite: Suite): void {
  suite.test(
    'a signal that is aborted already rejects before anything is taken, even if it is free',
    async ({ mp, abortController }) => {
      const lock = new mp.Lock()
      const controller = abortController()
      const reason = { why: 'never mind' }
      controller.abort(reason)
      const { signal } = controller
      let ran = false
      for (const attempt of [
        () => lock.acquire({ signal }),
        () => lock.recover({ signal }),
        () => lock.runExclusive(() => (ran = true), { signal }),
      ]) {
        expect(await thrown(attempt)).toBe(reason)
        expect([lock.locked, ran, mp.usage().waits]).toEqual([false, false, 0])
      }
    },
  )

  suite.test('an abort ends the wait with its reason, whatever that is', async ({ mp, abortController }) => {
    const lock = new mp.Lock()
    using _held = lock.acquireSync()
    for (const reason of [new Error('enough'), 'enough', null, 0]) {
      const controller = abortController()
      const waiting = thrown(() => lock.acquire({ signal: controller.signal }))
      expect(mp.usage().waits).toBe(1)
      controller.abort(reason)
      expect(await waiting).toBe(reason)
      expect([mp.usage().waits, lock.locked]).toEqual([0, true])
    }
    const controller = abortController()
    const waiting = thrown(() => lock.acquire({ signal: controller.signal }))
    controller.abort()
    expect(await waiting).toMatchObject({ name: 'AbortError' })
  })

  suite.test('an abort while another agent holds the lock ends the wait', async ({ mp, abortController }) => {
    const lock = new mp.Lock()
    const go = new mp.Queue()
    const held = new mp.Queue()
    const holder = new mp.Process({ target: holdUntil, args: [lock, held, go] }).start()
    await held.get()
    const controller = abortController()
    const waiting = thrown(() => lock.acquire({ signal: controller.signal }))
    const next = lock.acquire()
    controller.abort('enough')
    expect(await waiting).toBe('enough')
    await go.put('release')
    ;(await next).release()
    expect(await holder.join()).toBe(0)
  })

  suite.test('those behind an aborted wait move up', async ({ mp, abortController }) => {
    const lock = new mp.Lock()
    const holder = lock.acquireSync()
    const controller = abortController()
    const order: string[] = []
    const waits = ['first', 'aborted', 'last'].map((name) => {
      const options = name === 'aborted' ? { signal: controller.signal } : {}
      return lock.runExclusive(() => order.push(name), options).catch((reason) => order.push(reason))
    })
    controller.abort('gone')
    holder.release()
    await Promise.all(waits)
    expect(order).toEqual(['gone', 'first', 'last'])
  })

  suite.test('any number of waits share one listener, and the last one takes it away', async ({ mp, abortController }) => {
    const controller = abortController()
    const { signal } = controller
    const listening = () => getEventListeners(signal, 'abort').length
    const locks = Array.from({ length: 20 }, () => new mp.Lock())
    const guards = locks.map((lock) => lock.acquireSync())
    const waits = Array.from({ length: 1_000 }, (_, n) => locks[n % 20]?.acquire({ signal }))
    expect(listening()).toBe(1)
    expect(await thrown(() => locks[0]?.acquire({ signal, timeout: 1 }))).toBeInstanceOf(TimeoutError)
    expect(listening()).toBe(1)
    const outcomes = Promise.allSettled(waits)
    controller.abort('all')
    expect(new Set((await outcomes).map((one) => (one as PromiseRejectedResult).reason))).toEqual(new Set(['all']))
    expect([listening(), mp.usage().waits]).toEqual([0, 0])
    for (const guard of guards) guard.release()
  })

  suite.test('no listener stays when the lock was got or time ran out', async ({ mp, abortController }) => {
    const lock = new mp.Lock()
    const controller = abortController()
    const { signal } = controller
    const free = await lock.acquire({ signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(await thrown(() => lock.acquire({ signal, timeout: 1 }))).toBeInstanceOf(TimeoutError)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    const waiting = lock.acquire({ signal })
    free.release()
    const guard = await waiting
    expect(getEventListeners(signal, 'abort')).toEqual([])
    controller.abort()
    expect(lock.locked, 'an abort comes too late once the lock is held').toBe(true)
    guard.release()
  })

  suite.test('a signal that is none is a TypeError at the call', ({ mp }) => {
    const lock = new mp.Lock()
    for (const signal of [null, {}, 'abort', new EventTarget(), new AbortController()]) {
      expect(thrownAtOnce(() => lock.acquire({ signal: signal as never }))).toBeInstanceOf(TypeError)
      expect(lock.locked).toBe(false)
    }
  })
}
