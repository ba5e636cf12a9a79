import { getEventListeners } from 'node:events'
import { ClosedError, StateError, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { waitFor } from '../../workers/ending.js'

/** start, join, close. */
export function lifeCycle(suite: Suite): void {
  suite.test('before the start, while it runs, after its end', async ({ mp }) => {
    const go = new mp.Queue()
    const one = new mp.Process({ target: waitFor, args: [go] })
    expect([one.pid, one.exitCode, one.error, one.isAlive(), one.daemon]).toEqual([null, null, undefined, false, false])
    expect(one.start()).toBe(one)
    expect([typeof one.pid, one.exitCode, one.error, one.isAlive()]).toEqual(['number', null, undefined, true])
    const { pid } = one
    await go.put('end')
    expect(await one.join()).toBe(0)
    expect([one.pid, one.exitCode, one.error, one.isAlive()]).toEqual([pid, 0, undefined, false])
  })

  suite.test('it starts once', async ({ mp }) => {
    const one = new mp.Process({ target: () => {} }).start()
    expect(thrownAtOnce(() => one.start())).toMatchObject({ constructor: StateError, code: 'MP_STATE' })
    expect(await one.join()).toBe(0)
    expect(thrownAtOnce(() => one.start())).toBeInstanceOf(StateError)
    expect(one.exitCode).toBe(0)
  })

  suite.test('join, terminate and kill before the start are a StateError', async ({ mp }) => {
    const one = new mp.Process({ target: () => {} })
    for (const call of [() => one.join(), () => one.joinSync(), () => one.terminate(), () => one.kill()]) {
      expect(await thrown(call)).toBeInstanceOf(StateError)
    }
    expect(await one.start().join()).toBe(0)
  })

  suite.test('join can be repeated, at the same time and afterwards', async ({ mp }) => {
    const one = new mp.Process({ target: () => process.exit(4) }).start()
    expect(await Promise.all([one.join(), one.join({ timeout: 60_000 }), one.join()])).toEqual([4, 4, 4])
    expect([await one.join(), one.joinSync(), await one.join({ timeout: 0 }), one.joinSync({ timeout: 0 })]).toEqual([4, 4, 4, 4])
  })

  suite.test('a join that runs out of time leaves the process running', async ({ mp }) => {
    const go = new mp.Queue()
    const one = new mp.Process({ target: waitFor, args: [go] }).start()
    for (const timeout of [0, 1, 10]) {
      const error = await thrown(() => one.join({ timeout }))
      expect(error).toMatchObject({ constructor: TimeoutError, code: 'MP_TIMEOUT' })
      expect((error as Error).message).toContain(one.name)
      expect(thrownAtOnce(() => one.joinSync({ timeout }))).toBeInstanceOf(TimeoutError)
      expect([one.isAlive(), one.exitCode]).toEqual([true, null])
    }
    await go.put('end')
    expect(await one.join()).toBe(0)
  })

  suite.test('an abort ends the join, not the process', async ({ mp, abortController }) => {
    const go = new mp.Queue()
    const one = new mp.Process({ target: waitFor, args: [go] }).start()
    const controller = abortController()
    const { signal } = controller
    const joins = Promise.allSettled(Array.from({ length: 50 }, () => one.join({ signal })))
    expect(getEventListeners(signal, 'abort').length).toBe(1)
    controller.abort('enough')
    expect(new Set((await joins).map((end) => (end as PromiseRejectedResult).reason))).toEqual(new Set(['enough']))
    expect(await thrown(() => one.join({ signal })), 'aborted already').toBe('enough')
    expect(one.isAlive()).toBe(true)
    await go.put('end')
    expect(await one.join({ signal: abortController().signal })).toBe(0)
  })

  suite.test('bad options of join are refused at the call', async ({ mp, abortController }) => {
    const one = new mp.Process({ target: () => {} }).start()
    const { signal } = abortController()
    for (const join of [one.join.bind(one), one.joinSync.bind(one)]) {
      for (const options of [null, 5, 'x', { timeout: null }, { timeout: Number.NaN }, { timeout: '5' }, { signal: {} }]) {
        expect(
          thrownAtOnce(() => join(options as never)),
          `${join.name} ${JSON.stringify(options)}`,
        ).toBeInstanceOf(TypeError)
      }
      expect(thrownAtOnce(() => join({ timeout: -1 }))).toBeInstanceOf(RangeError)
    }
    expect(thrownAtOnce(() => one.joinSync({ signal } as never))).toBeInstanceOf(TypeError)
    expect(await one.join()).toBe(0)
  })

  suite.test('joinSync waits without a turn of the event loop', ({ mp, within }) => {
    const timeout = within(10_000)
    for (const [expected, target] of [
      [0, () => {}],
      [7, () => process.exit(7)],
      [8, async () => void setTimeout(() => process.exit(8), 5)],
    ] as const) {
      let turned = false
      setImmediate(() => {
        turned = true
      })
      const one = new mp.Process({ target }).start()
      expect(one.joinSync({ timeout })).toBe(expected)
      expect([one.exitCode, one.isAlive(), turned]).toEqual([expected, false, false])
    }
  })

  suite.test(
    'joinSync learns of a terminate or kill',
    ({ mp, within }) => {
      const timeout = within(10_000)
      const running = () => new mp.Process({ target: waitFor, args: [new mp.Queue()] }).start()
      const [terminated, killed] = [running(), running()]
      terminated.terminate()
      killed.kill()
      expect([terminated.joinSync({ timeout }), killed.joinSync({ timeout })]).toEqual([-15, -9])
    },
    { liveness: 'anytime' },
  )

  suite.test('close while it runs is a StateError; after its end it lets go of all but name and daemon', async ({ mp }) => {
    const go = new mp.Queue()
    const one = new mp.Process({ target: waitFor, args: [go], name: 'closed', daemon: true }).start()
    expect(thrownAtOnce(() => one.close())).toBeInstanceOf(StateError)
    await go.put('end')
    expect(await one.join()).toBe(0)
    one.close()
    one.close()
    expect([one.name, one.daemon]).toEqual(['closed', true])
    for (const use of [
      () => one.pid,
      () => one.exitCode,
      () => one.error,
      () => one.isAlive(),
      () => one.start(),
      () => one.join(),
      () => one.joinSync(),
      () => one.terminate(),
      () => one.kill(),
    ]) {
      expect(await thrown(use), String(use)).toMatchObject({ constructor: ClosedError, code: 'MP_CLOSED' })
    }
  })

  suite.test('await using terminates and joins', async ({ mp }) => {
    let process: InstanceType<typeof mp.Process> | undefined
    {
      await using one = new mp.Process({ target: waitFor, args: [new mp.Queue()] })
      process = one.start()
      expect(one.isAlive()).toBe(true)
    }
    expect([process.exitCode, process.isAlive()]).toEqual([-15, false])
    {
      await using _never = new mp.Process({ target: () => {} })
    }
  })

  suite.test('a closed context starts nothing', async ({ mp }) => {
    const one = new mp.Process({ target: () => {} })
    await mp.close()
    expect(thrownAtOnce(() => one.start())).toBeInstanceOf(ClosedError)
    expect(thrownAtOnce(() => new mp.Process({ target: () => {} }))).toBeInstanceOf(ClosedError)
  })

  suite.test('closing the context ends what runs', async ({ mp }) => {
    const running = Array.from({ length: 3 }, () => new mp.Process({ target: waitFor, args: [new mp.Queue()] }).start())
    await mp.close()
    expect(running.map((one) => one.exitCode)).toEqual([-15, -15, -15])
  })
}
