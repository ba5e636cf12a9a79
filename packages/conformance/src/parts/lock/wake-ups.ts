import { TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { randomFrom } from '../../support/random.js'
import { acquireAborting, acquireImpatiently, acquirePatiently } from '../../workers/locking.js'

/** Each release wakes someone who takes the lock: those who leave the line pass on what was meant for them. */
export function wakeUps(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const form of forms) {
    for (const patient of forms) {
      suite.test(`waiters that time out (${form}) strand none that waits on (${patient})`, async ({ mp }) => {
        const lock = new mp.Lock()
        const taken = new mp.Value('int32', 0)
        const targets = [
          new mp.Process({ target: acquirePatiently, args: [lock, 3_000, patient] }),
          new mp.Process({ target: acquirePatiently, args: [lock, 3_000, patient] }),
          new mp.Process({ target: acquireImpatiently, args: [lock, taken, 1_000, form, 1] }),
          new mp.Process({ target: acquireImpatiently, args: [lock, taken, 1_000, form, 2] }),
        ]
        const codes = await Promise.all(targets.map((one) => one.start().join()))
        expect(codes).toEqual([0, 0, 0, 0])
        expect(taken.value, 'none of the impatient ever got it').toBeGreaterThan(0)
        expect(lock.locked).toBe(false)
      })
    }
  }

  suite.test('waiters that are aborted strand none that waits on', async ({ mp }) => {
    const lock = new mp.Lock()
    const taken = new mp.Value('int32', 0)
    const targets = [
      new mp.Process({ target: acquirePatiently, args: [lock, 2_000, forms[0] ?? 'async'] }),
      new mp.Process({ target: acquirePatiently, args: [lock, 2_000, 'async'] }),
      new mp.Process({ target: acquireAborting, args: [lock, taken, 1_000] }),
    ]
    expect(await Promise.all(targets.map((one) => one.start().join()))).toEqual([0, 0, 0])
    expect(lock.locked).toBe(false)
  })

  suite.test('a wait that ends at the very moment of the release takes nothing with it', async ({ mp, abortController }) => {
    const random = randomFrom(7)
    for (let round = 0; round < 300; round++) {
      const lock = new mp.Lock()
      const holder = lock.acquireSync()
      const controller = abortController()
      const leaving = [
        lock.acquire({ timeout: random() * 2 }),
        lock.acquire({ signal: controller.signal }),
        lock.acquire({ timeout: random() * 2, signal: controller.signal }),
      ].map((wait) => wait.then((guard) => guard.release(), expectedEnd))
      const staying = lock.acquire()
      setTimeout(() => holder.release(), random() * 2)
      const abort = setTimeout(() => controller.abort('abort'), random() * 2)
      ;(await staying).release()
      await Promise.all(leaving)
      clearTimeout(abort)
      expect(lock.locked).toBe(false)
    }
  })

  suite.test('a waiter that is terminated strands none that waits on', async ({ mp, until }) => {
    const lock = new mp.Lock()
    for (let round = 0; round < 5; round++) {
      const guard = lock.acquireSync()
      const waiting = [1, 2, 3].map(() =>
        new mp.Process({ target: acquirePatiently, args: [lock, 1, forms[0] ?? 'async'] }).start(),
      )
      const [victim, ...others] = waiting
      // Somewhere between its start and the depth of its sleep: a different moment each time.
      if (round > 0) await until(() => (victim?.pid ?? 0) > 0, 'its start')
      for (let turn = 0; turn < round * 10; turn++) await new Promise(setImmediate)
      victim?.terminate()
      guard.release()
      expect(await Promise.all(others.map((one) => one.join()))).toEqual([0, 0])
      await victim?.join()
      const next = await lock.recover()
      next.release()
    }
  })
}

function expectedEnd(reason: unknown): void {
  if (reason !== 'abort' && !(reason instanceof TimeoutError)) throw reason
}
