import { type Queue, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { takeAborting, takeAndTell, takeImpatiently, takePatiently } from '../../workers/permits.js'

/** A permit that is there lets somebody go on, whoever has left meanwhile. */
export function wakeUps(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const form of forms) {
    suite.test(`release(n) lets n go on, and no more (${form})`, async ({ mp }) => {
      const semaphore = new mp.Semaphore(0)
      const told = new mp.Queue<string>()
      const waiters = [1, 2, 3, 4].map(() => new mp.Process({ target: takeAndTell, args: [semaphore, told, form] }).start())
      await expectTold(told, 4, 'waiting')
      semaphore.release(3)
      await expectTold(told, 3, 'taken')
      await turns()
      expect([semaphore.value, told.size]).toEqual([0, 0])
      semaphore.release()
      await expectTold(told, 1, 'taken')
      await allEndWell(waiters)
    })

    for (const patient of forms) {
      suite.test(`waiters that time out (${form}) strand none that waits on (${patient})`, async ({ mp }) => {
        const semaphore = new mp.Semaphore(1)
        const taken = new mp.Value('int32', 0)
        await allEndWell(
          [
            new mp.Process({ target: takePatiently, args: [semaphore, 2_000, patient] }),
            new mp.Process({ target: takePatiently, args: [semaphore, 2_000, patient] }),
            new mp.Process({ target: takeImpatiently, args: [semaphore, taken, 1_000, form, 1] }),
            new mp.Process({ target: takeImpatiently, args: [semaphore, taken, 1_000, form, 2] }),
          ].map((one) => one.start()),
        )
        expect(taken.value, 'none of the impatient ever got one').toBeGreaterThan(0)
        expect(semaphore.value).toBe(1)
      })
    }
  }

  suite.test('waiters that are aborted strand none that waits on', async ({ mp }) => {
    const semaphore = new mp.Semaphore(1)
    await allEndWell(
      [
        new mp.Process({ target: takePatiently, args: [semaphore, 1_500, forms[0] ?? 'async'] }),
        new mp.Process({ target: takePatiently, args: [semaphore, 1_500, 'async'] }),
        new mp.Process({ target: takeAborting, args: [semaphore, 1_000] }),
      ].map((one) => one.start()),
    )
    expect(semaphore.value).toBe(1)
  })

  suite.test('a wait that ends at the very moment of the release takes nothing with it', async ({ mp, abortController }) => {
    const random = randomFrom(11)
    for (let round = 0; round < 200; round++) {
      const semaphore = new mp.Semaphore(0)
      const controller = abortController()
      const leaving = [
        semaphore.acquire({ timeout: random() * 2 }),
        semaphore.acquire({ signal: controller.signal }),
        semaphore.acquire({ timeout: random() * 2, signal: controller.signal }),
      ].map((wait) => wait.then((guard) => guard.release(), expectedEnd))
      const staying = semaphore.acquire()
      const gift = setTimeout(() => semaphore.release(), random() * 2)
      const abort = setTimeout(() => controller.abort('abort'), random() * 2)
      ;(await staying).release()
      await Promise.all(leaving)
      clearTimeout(gift)
      clearTimeout(abort)
      expect(semaphore.value).toBe(1)
    }
  })
}

async function expectTold(told: Queue<string>, times: number, what: string): Promise<void> {
  for (let n = 0; n < times; n++) expect(await told.get()).toBe(what)
}

function expectedEnd(reason: unknown): void {
  if (reason !== 'abort' && !(reason instanceof TimeoutError)) throw reason
}
