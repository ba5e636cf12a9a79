import { getEventListeners } from 'node:events'
import { type Barrier, BrokenBarrierError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite, Tools } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { arriveAndTell, type Result } from '../../workers/barriers.js'

const BROKEN = 'MP_BROKEN_BARRIER'

/** What breaks it, whom that concerns, and what mends it. After CPython's `test_abort`, `test_reset`, `test_abort_and_reset`, `test_timeout`, `test_default_timeout`. */
export function breaking(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('abort() breaks it for all who wait and all who come, until reset()', async (tools) => {
    const { barrier, others } = await waitingOthers(tools, suite)
    const here = thrown(() => barrier.wait())
    barrier.abort()
    await expectBroken(barrier)
    expect(await others()).toEqual(forms.map(() => BROKEN))
    expect(await here).toBeInstanceOf(BrokenBarrierError)
    barrier.abort()
    barrier.reset()
    expect([barrier.broken, barrier.waiting]).toEqual([false, 0])
    expect(await Promise.all(Array.from({ length: barrier.parties }, () => barrier.wait()))).toHaveLength(barrier.parties)
  })

  suite.test('reset() breaks it for those who wait, and it is as new', async (tools) => {
    const { barrier, others } = await waitingOthers(tools, suite)
    const here = thrown(() => barrier.wait())
    barrier.reset()
    expect([barrier.broken, barrier.waiting]).toEqual([false, 0])
    // At once, and before any of those has had a turn.
    const waits = Array.from({ length: barrier.parties }, () => barrier.wait())
    expect(await others()).toEqual(forms.map(() => BROKEN))
    expect(await here).toBeInstanceOf(BrokenBarrierError)
    expect(await Promise.all(waits)).toEqual(waits.map((_, n) => n))
    barrier.reset()
    expect(barrier.broken).toBe(false)
  })

  suite.test('each party learns what became of its own generation, whatever came at once after it', async ({ mp }) => {
    const barrier = new mp.Barrier(2)
    const ends: Promise<unknown>[] = []
    const wanted: string[] = []
    for (let round = 0; round < 40; round++) {
      // Nobody has a turn of the event loop in all this: they learn it afterwards.
      ends.push(barrier.wait().then(String, (error) => error.code))
      if (round % 3 === 0) {
        ends.push(barrier.wait().then(String, (error) => error.code))
        wanted.push('0', '1')
      } else {
        if (round % 3 === 1) barrier.abort()
        barrier.reset()
        wanted.push(BROKEN)
      }
    }
    expect(await Promise.all(ends)).toEqual(wanted)
  })

  suite.test('the end of one’s time breaks it for all', async (tools) => {
    const { barrier, others } = await waitingOthers(tools, suite)
    expect(await thrown(() => barrier.wait({ timeout: 5 }))).toBeInstanceOf(BrokenBarrierError)
    await expectBroken(barrier)
    expect(await others()).toEqual(forms.map(() => BROKEN))
    const another = new tools.mp.Barrier(2)
    expect(thrownAtOnce(() => another.waitSync({ timeout: 5 }))).toBeInstanceOf(BrokenBarrierError)
    expect(another.broken).toBe(true)
    another.reset()
    expect(await thrown(() => another.wait({ timeout: 0 }))).toBeInstanceOf(BrokenBarrierError)
  })

  suite.test('the timeout that it was made with is that of every wait, wherever it travels', async ({ mp }) => {
    const barrier = new mp.Barrier(2, { timeout: 20 })
    expect(await thrown(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError)
    barrier.reset()
    expect(thrownAtOnce(() => barrier.waitSync({ timeout: undefined }))).toBeInstanceOf(BrokenBarrierError)
    barrier.reset()
    const results = new mp.Queue<Result>()
    for (const form of forms) {
      const other = new mp.Process({ target: arriveAndTell, args: [barrier, results, form] }).start()
      expect(await results.get()).toBe(BROKEN)
      await allEndWell([other])
      barrier.reset()
    }
    const patient = barrier.wait({ timeout: Number.POSITIVE_INFINITY })
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(await barrier.wait()).toBe(1)
    expect(await patient).toBe(0)
  })

  suite.test('an abort rejects with its reason, and breaks it for the others', async (tools) => {
    const { barrier, others } = await waitingOthers(tools, suite)
    const controller = tools.abortController()
    const { signal } = controller
    const waiting = thrown(() => barrier.wait({ signal }))
    controller.abort('enough')
    expect(await waiting).toBe('enough')
    await expectBroken(barrier)
    expect(await others()).toEqual(forms.map(() => BROKEN))
    expect(getEventListeners(signal, 'abort')).toEqual([])
    barrier.reset()
    // Aborted already: it has not come at all.
    expect(await thrown(() => barrier.wait({ signal }))).toBe('enough')
    expect([barrier.broken, barrier.waiting]).toEqual([false, 0])
  })

  suite.test('an abort after the others have come changes nothing for them', async ({ mp, abortController }) => {
    const barrier = new mp.Barrier(2)
    const controller = abortController()
    const first = barrier.wait({ signal: controller.signal }).catch((reason) => reason)
    const last = barrier.wait()
    controller.abort('too late')
    expect(await last).toBe(1)
    expect([0, 'too late']).toContain(await first)
    expect(barrier.broken).toBe(false)
  })
}

/** Agents of each form that wait at a barrier for one more than this one. */
async function waitingOthers({ mp, until }: Tools, suite: Suite) {
  const forms = formsOf(suite.capabilities)
  const barrier = new mp.Barrier(2 + forms.length)
  const results = new mp.Queue<Result>()
  const processes = forms.map((form) => new mp.Process({ target: arriveAndTell, args: [barrier, results, form] }).start())
  await until(() => barrier.waiting === forms.length, 'the arrival of the others')
  const others = async () => {
    const told = []
    for (const _ of forms) told.push(await results.get())
    await allEndWell(processes)
    return told
  }
  return { barrier, others }
}

async function expectBroken(barrier: Barrier): Promise<void> {
  expect([barrier.broken, barrier.waiting]).toEqual([true, 0])
  expect(await thrown(() => barrier.wait())).toBeInstanceOf(BrokenBarrierError)
  expect(thrownAtOnce(() => barrier.waitSync())).toBeInstanceOf(BrokenBarrierError)
}
