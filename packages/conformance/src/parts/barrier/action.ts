import { type Barrier, BrokenBarrierError, TargetError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { act, arriveAndCount, arriveAndTell, type Result } from '../../workers/barriers.js'

/** What the last party does for all, before any of them goes on. After CPython's `test_action` and its kin. */
export function action(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('is run once a round, by the last to arrive, before the release', async ({ mp }) => {
    const seen: string[] = []
    Object.assign(globalThis, { seen })
    const barrier = new mp.Barrier(2, {
      action: async () => {
        const { seen } = globalThis as unknown as { seen: string[] }
        seen.push('begins')
        await new Promise(setImmediate)
        seen.push('ends')
      },
    })
    const waits = [0, 1].map((n) => barrier.wait().then((index) => seen.push(`${n} is ${index}`)))
    expect(barrier.waiting).toBe(2)
    await Promise.all(waits)
    expect(seen.slice(0, 2)).toEqual(['begins', 'ends'])
    expect(seen.slice(2).sort()).toEqual(['0 is 0', '1 is 1'])
    Reflect.deleteProperty(globalThis, 'seen')
  })

  for (const form of forms) {
    suite.test(`travels: whoever comes last runs it (${form})`, async ({ mp }) => {
      const barrier = new mp.Barrier(3, { action: act })
      const counts = new mp.Queue<number>()
      const agents = [1, 2, 3].map(() => new mp.Process({ target: arriveAndCount, args: [barrier, counts, 50, form] }).start())
      let sum = 0
      for (const _ of agents) sum += await counts.get()
      expect(sum).toBe(50)
      await allEndWell(agents)
    })
  }

  suite.test('as source, by a task, by the name of a module', async ({ mp }) => {
    const reference = { module: new URL('../../workers/barriers.js', import.meta.url), name: 'act' }
    for (const action of [act, reference, () => {}, async () => {}]) {
      const barrier = new mp.Barrier(2, { action })
      const results = new mp.Queue<Result>()
      const other = new mp.Process({ target: arriveAndTell, args: [barrier, results, 'async'] }).start()
      const here = await barrier.wait()
      expect([here, await results.get()].sort()).toEqual([0, 1])
      await allEndWell([other])
    }
  })

  suite.test('a sync wait loads the module that it is in', async ({ mp }) => {
    const reference = { module: new URL('../../workers/barriers.js', import.meta.url), name: 'act' }
    const arrive = (barrier: Barrier) => void barrier.waitSync()
    for (const action of [act, reference]) {
      const barrier = new mp.Barrier(2, { action })
      const here = barrier.wait()
      const last = new mp.Process({ target: arrive, args: [barrier] }).start()
      expect(await here).toBe(0)
      await allEndWell([last])
    }
  })

  suite.test('one that throws breaks it; the last party gets its error', async ({ mp, until }) => {
    for (const action of [
      () => {
        throw new RangeError('of the action')
      },
      async () => {
        throw new RangeError('of the action')
      },
    ]) {
      const barrier = new mp.Barrier(1 + forms.length, { action })
      const results = new mp.Queue<Result>()
      const others = forms.map((form) => new mp.Process({ target: arriveAndTell, args: [barrier, results, form] }).start())
      await until(() => barrier.waiting === forms.length, 'the arrival of the others')
      expect(await thrown(() => barrier.wait())).toMatchObject({ name: 'RangeError', message: 'of the action' })
      expect(barrier.broken).toBe(true)
      for (const _ of forms) expect(await results.get()).toBe('MP_BROKEN_BARRIER')
      await allEndWell(others)
    }
    const barrier = new mp.Barrier(1, {
      action: () => {
        throw new RangeError('of the action')
      },
    })
    expect(thrownAtOnce(() => barrier.waitSync())).toMatchObject({ message: 'of the action' })
    expect(thrownAtOnce(() => barrier.waitSync())).toBeInstanceOf(BrokenBarrierError)
  })

  suite.test('a promise is a TypeError in waitSync(), and breaks it', async ({ mp }) => {
    const barrier = new mp.Barrier(2, { action: async () => Promise.reject(new Error('nobody hears this')) })
    const first = thrown(() => barrier.wait())
    expect(thrownAtOnce(() => barrier.waitSync())).toBeInstanceOf(TypeError)
    expect(await first).toBeInstanceOf(BrokenBarrierError)
    expect(barrier.broken).toBe(true)
  })

  suite.test('a module that is not there breaks it, with that error', async ({ mp }) => {
    const barrier = new mp.Barrier(1, { action: { module: new URL('./there-is-none.js', import.meta.url) } })
    expect(thrownAtOnce(() => barrier.waitSync())).toBeInstanceOf(TargetError)
    barrier.reset()
    expect(await thrown(() => barrier.wait())).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' })
    expect(barrier.broken).toBe(true)
  })

  suite.test(
    'what happens while it runs: those who come wait for the next generation, reset() and abort() break this one',
    async ({ mp, until }) => {
      for (const end of ['release', 'reset', 'abort'] as const) {
        const gate: { open: () => void } = { open: NOTHING }
        Object.assign(globalThis, { gate })
        const barrier = new mp.Barrier(2, {
          action: () => {
            const { gate } = globalThis as unknown as { gate: { open: () => void } }
            return new Promise<void>((resolve) => {
              gate.open = resolve
            })
          },
        })
        const outcome = (wait: Promise<number>) => wait.then(String, (error) => error.code)
        const parties = [outcome(barrier.wait()), outcome(barrier.wait())]
        const early = outcome(barrier.wait())
        expect(barrier.waiting).toBe(2)
        if (end === 'reset') barrier.reset()
        if (end === 'abort') barrier.abort()
        gate.open()
        if (end === 'release') {
          expect(await Promise.all(parties)).toEqual(['0', '1'])
          gate.open = NOTHING
          const last = outcome(barrier.wait())
          await until(() => gate.open !== NOTHING, 'the next action')
          gate.open()
          expect([await early, await last].sort()).toEqual(['0', '1'])
        } else {
          expect(await Promise.all([...parties, early])).toEqual(Array(3).fill('MP_BROKEN_BARRIER'))
          expect(barrier.broken).toBe(end === 'abort')
        }
        Reflect.deleteProperty(globalThis, 'gate')
      }
    },
  )

  suite.test('one that takes too long breaks it for all, its own party included', async ({ mp, abortController }) => {
    const action = () => new Promise(() => {})
    const late = new mp.Barrier(2, { action })
    const parties = [late.wait(), late.wait({ timeout: 20 })].map((wait) => thrown(() => wait))
    for (const error of await Promise.all(parties)) expect(error).toBeInstanceOf(BrokenBarrierError)
    expect(late.broken).toBe(true)
    const aborted = new mp.Barrier(2, { action })
    const controller = abortController()
    const other = thrown(() => aborted.wait())
    const acting = thrown(() => aborted.wait({ signal: controller.signal }))
    controller.abort('enough')
    expect(await acting).toBe('enough')
    expect(await other).toBeInstanceOf(BrokenBarrierError)
    aborted.reset()
    expect([aborted.broken, aborted.waiting]).toEqual([false, 0])
  })

  suite.test('one that could not travel is refused at once', ({ mp }) => {
    const outside = Math.random()
    expect(thrownAtOnce(() => new mp.Barrier(1, { action: () => outside }))).toBeInstanceOf(TargetError)
    expect(thrownAtOnce(() => new mp.Barrier(1, { action: Math.max }))).toBeInstanceOf(TargetError)
  })
}

const NOTHING = () => {}
