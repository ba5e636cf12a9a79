import { TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns, until } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { recvOne } from '../../workers/pipe-ends.js'

/** Waits of `recv`: timeouts, aborts; one that ends early leaves nothing behind and swallows nothing. */
export function waiting(suite: Suite): void {
  const { sync } = suite.capabilities
  const forms = formsOf(suite.capabilities)

  for (const timeout of [0, 1, 20]) {
    suite.test(`recv with timeout ${timeout} where nothing comes: TimeoutError`, async ({ mp }) => {
      const [a] = mp.Pipe()
      for (const call of [() => a.recv({ timeout }), ...(sync ? [() => a.recvSync({ timeout })] : [])]) {
        const error = await thrown(call)
        expect(error).toBeInstanceOf(TimeoutError)
        expect(error).toMatchObject({ code: 'MP_TIMEOUT', name: 'TimeoutError' })
      }
    })
  }

  for (const timeout of [undefined, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 40]) {
    suite.test(`timeout ${timeout} waits`, async ({ mp }) => {
      const [a, b] = mp.Pipe<number>()
      const received = a.recv({ timeout })
      await turns()
      await b.send(1)
      expect(await received).toBe(1)
    })
  }

  suite.test('what is there is had with timeout 0', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    await b.send(1)
    await b.send(2)
    expect(await a.recv({ timeout: 0 })).toBe(1)
    expect(sync ? a.recvSync({ timeout: 0 }) : await a.recv({ timeout: 0 })).toBe(2)
  })

  suite.test('those who wait receive in the order they came', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    const received = [1, 2, 3].map(() => a.recv())
    await turns()
    for (const n of [1, 2, 3]) await b.send(n)
    expect(await Promise.all(received)).toEqual([1, 2, 3])
  })

  for (const form of forms) {
    suite.test(`each message wakes one who waits elsewhere (${form})`, async ({ mp, until }) => {
      const [a, b] = mp.Pipe<number>()
      // The first waiters may have ended before the last one has begun. As long as this process uses the end, too, that does not close it.
      await a.poll()
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const waiters = [1, 2, 3].map(() => new mp.Process({ target: recvOne, args: [a, asked, report, form] }).start())
      await until(() => asked.value === 3, 'the start of the waiters')
      for (const n of [1, 2, 3]) await b.send(n)
      await allEndWell(waiters)
      expect([report.tryGet(), report.tryGet(), report.tryGet()].sort()).toEqual([1, 2, 3])
    })
  }

  suite.test('an aborted recv rejects with the reason and takes nothing', async ({ mp, abortController }) => {
    const [a, b] = mp.Pipe<number>()
    const control = abortController()
    const aborted = thrown(() => a.recv({ signal: control.signal }))
    const patient = a.recv()
    await turns()
    const reason = { because: 'no longer wanted' }
    control.abort(reason)
    expect(await aborted).toBe(reason)
    await b.send(1)
    expect([await patient, await a.poll()]).toEqual([1, false])
  })

  suite.test('the wake-up of an aborted recv goes to a waiter in another process', async ({ mp, within }) => {
    for (const form of forms) {
      const [a, b] = mp.Pipe<number>()
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const control = new AbortController()
      const aborted = thrown(() => a.recv({ signal: control.signal }))
      const other = new mp.Process({ target: recvOne, args: [a, asked, report, form] }).start()
      await until(() => asked.value === 1, within(20_000), 'the start of the other')
      control.abort()
      await b.send(1)
      expect(await aborted).toBe(control.signal.reason)
      expect(await report.get()).toBe(1)
      await allEndWell([other])
    }
  })

  suite.test('a signal that is aborted already rejects before anything is taken', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    await b.send(1)
    const signal = AbortSignal.abort('before')
    expect(await thrown(() => a.recv({ signal }))).toBe('before')
    expect(await thrown(() => a.poll({ signal }))).toBe('before')
    expect(await a.recv()).toBe(1)
  })

  suite.test('bad options are refused at the call, and nothing is taken', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    await b.send(1)
    for (const [options, kind] of [
      [{ timeout: Number.NaN }, TypeError],
      [{ timeout: '5' }, TypeError],
      [{ timeout: null }, TypeError],
      [{ timeout: -1 }, RangeError],
      [5, TypeError],
      [null, TypeError],
    ] as unknown as [object, ErrorConstructor][]) {
      expect(thrownAtOnce(() => a.recv(options))).toBeInstanceOf(kind)
      expect(thrownAtOnce(() => a.poll(options))).toBeInstanceOf(kind)
      if (!sync) continue
      expect(thrownAtOnce(() => a.recvSync(options))).toBeInstanceOf(kind)
      expect(thrownAtOnce(() => a.pollSync(options))).toBeInstanceOf(kind)
    }
    expect(thrownAtOnce(() => a.recv({ signal: {} as AbortSignal }))).toBeInstanceOf(TypeError)
    const { signal } = new AbortController()
    if (sync) expect(thrownAtOnce(() => a.recvSync({ signal } as object))).toBeInstanceOf(TypeError)
    if (sync) expect(thrownAtOnce(() => a.pollSync({ signal } as object))).toBeInstanceOf(TypeError)
    expect(await a.recv()).toBe(1)
    for (const options of [5, null, { duplex: 1 }, { duplex: null }] as unknown as object[]) {
      expect(thrownAtOnce(() => mp.Pipe(options))).toBeInstanceOf(TypeError)
    }
  })
}
