import { NotOwnerError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { releaseOnce } from '../../workers/locking.js'

/** What one holder does. */
export function basics(suite: Suite): void {
  suite.test('every form acquires a free lock, and a release frees it', async ({ mp }) => {
    const lock = new mp.Lock()
    const forms = [
      () => lock.acquire(),
      () => lock.acquireSync(),
      () => lock.tryAcquire(),
      () => lock.recover(),
      () => lock.recoverSync(),
    ]
    for (const acquire of forms) {
      expect(lock.locked).toBe(false)
      const guard = await acquire()
      expect(lock.locked).toBe(true)
      expect(guard?.ownerDied).toBe(false)
      guard?.release()
    }
    expect(lock.locked).toBe(false)
  })

  suite.test('tryAcquire of a held lock gives undefined and changes nothing', ({ mp }) => {
    const lock = new mp.Lock()
    lock.acquireSync()
    expect(lock.tryAcquire()).toBeUndefined()
    expect(lock.locked).toBe(true)
    lock.release()
    expect(lock.tryAcquire()).toBeDefined()
  })

  suite.test('release of an unlocked lock is a NotOwnerError and changes nothing', ({ mp }) => {
    const lock = new mp.Lock()
    for (let n = 0; n < 2; n++) {
      expect(thrownAtOnce(() => lock.release())).toMatchObject({ constructor: NotOwnerError, code: 'MP_NOT_OWNER' })
      expect(lock.locked).toBe(false)
    }
    const guard = lock.tryAcquire()
    expect(guard).toBeDefined()
    expect(lock.tryAcquire()).toBeUndefined()
  })

  suite.test('a release by another agent than the holder is legal', async ({ mp }) => {
    const lock = new mp.Lock()
    lock.acquireSync()
    const waiting = lock.acquire()
    const other = new mp.Process({ target: releaseOnce, args: [lock] }).start()
    const guard = await waiting
    expect(await other.join()).toBe(0)
    expect(lock.locked).toBe(true)
    guard.release()
  })

  suite.test('a guard releases once, however often it is told to', ({ mp }) => {
    const lock = new mp.Lock()
    const first = lock.acquireSync()
    first.release()
    first.release()
    const second = lock.acquireSync()
    first.release()
    first[Symbol.dispose]()
    expect(lock.locked, 'a guard that has released must not release what another holds').toBe(true)
    second.release()
  })

  suite.test('using releases at the end of the scope, also where it throws', async ({ mp }) => {
    const lock = new mp.Lock()
    {
      using _held = lock.acquireSync()
      expect(lock.locked).toBe(true)
    }
    expect(lock.locked).toBe(false)
    const failing = async () => {
      using _held = await lock.acquire()
      expect(lock.locked).toBe(true)
      throw new Error('inside')
    }
    expect(await thrown(failing)).toMatchObject({ message: 'inside' })
    expect(lock.locked).toBe(false)
  })

  suite.test('runExclusive and runExclusiveSync hold it while they run and give the result', async ({ mp }) => {
    const lock = new mp.Lock()
    expect(lock.runExclusiveSync(() => [lock.locked, lock.tryAcquire()])).toEqual([true, undefined])
    expect(lock.locked).toBe(false)
    const result = await lock.runExclusive(async () => {
      await new Promise(setImmediate)
      return [lock.locked, lock.tryAcquire()]
    })
    expect(result).toEqual([true, undefined])
    expect(lock.locked).toBe(false)
  })

  suite.test('runExclusive and runExclusiveSync release when the function throws, and pass the error on', async ({ mp }) => {
    const lock = new mp.Lock()
    const error = new Error('inside')
    const fail = () => {
      throw error
    }
    expect(thrownAtOnce(() => lock.runExclusiveSync(fail))).toBe(error)
    expect(lock.locked).toBe(false)
    expect(await thrown(() => lock.runExclusive(fail))).toBe(error)
    expect(lock.locked).toBe(false)
    expect(await thrown(() => lock.runExclusive(() => Promise.reject(error)))).toBe(error)
    expect(lock.locked).toBe(false)
  })

  suite.test('an unknown onOwnerDeath is a TypeError', ({ mp }) => {
    for (const options of [{ onOwnerDeath: 'ignore' }, { onOwnerDeath: null }, null, 'recover', 1]) {
      expect(thrownAtOnce(() => new mp.Lock(options as never))).toBeInstanceOf(TypeError)
    }
  })

  suite.test('a pending acquire keeps the program alive', async ({ program }) => {
    expect(await program('pending-acquire')).toEqual({ code: 0, signal: null, stdout: 'acquired\n', stderr: '' })
  })
}
