import { QueueEmptyError, QueueFullError, TimeoutError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns, until } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { getOne } from '../../workers/queue-waiters.js'

/** Timeouts, aborts, and arguments that are none: a wait that ends early leaves nothing behind and swallows nothing. */
export function waiting(suite: Suite): void {
  const { sync } = suite.capabilities

  for (const timeout of [0, 1, 20]) {
    suite.test(`get with timeout ${timeout} on an empty queue: QueueEmptyError`, async ({ mp }) => {
      const queue = new mp.Queue()
      const calls = [() => queue.get({ timeout }), ...(sync ? [() => queue.getSync({ timeout })] : [])]
      for (const call of calls) {
        const error = await thrown(call)
        expect(error).toBeInstanceOf(QueueEmptyError)
        expect(error).toBeInstanceOf(TimeoutError)
        expect(error).toMatchObject({ code: 'MP_QUEUE_EMPTY', name: 'QueueEmptyError' })
      }
    })

    suite.test(`put with timeout ${timeout} on a full queue: QueueFullError`, async ({ mp }) => {
      const queue = new mp.Queue(1)
      queue.tryPut('first')
      const calls = [() => queue.put('late', { timeout }), ...(sync ? [() => queue.putSync('late', { timeout })] : [])]
      for (const call of calls) {
        const error = await thrown(call)
        expect(error).toBeInstanceOf(QueueFullError)
        expect(error).toBeInstanceOf(TimeoutError)
        expect(error).toMatchObject({ code: 'MP_QUEUE_FULL', name: 'QueueFullError' })
      }
      expect([queue.tryGet(), queue.tryGet()]).toEqual(['first', undefined])
    })
  }

  suite.test('what is there is had with timeout 0', async ({ mp }) => {
    const queue = new mp.Queue<number>(2)
    await queue.put(1, { timeout: 0 })
    if (sync) queue.putSync(2, { timeout: 0 })
    else await queue.put(2, { timeout: 0 })
    expect(await queue.get({ timeout: 0 })).toBe(1)
    expect(sync ? queue.getSync({ timeout: 0 }) : await queue.get({ timeout: 0 })).toBe(2)
  })

  for (const timeout of [undefined, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 40]) {
    suite.test(`timeout ${timeout} waits`, async ({ mp }) => {
      const queue = new mp.Queue<number>(1)
      const got = queue.get({ timeout })
      await turns()
      await queue.put(1)
      expect(await got).toBe(1)
      await queue.put(2)
      const put = queue.put(3, { timeout })
      await turns()
      expect([queue.tryGet(), await put, queue.tryGet()]).toEqual([2, undefined, 3])
    })
  }

  suite.test('a get that timed out takes nothing', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    const patient = queue.get()
    await Promise.all([1, 2, 3].map(() => thrown(() => queue.get({ timeout: 5 }))))
    await queue.put(1)
    await queue.put(2)
    expect([await patient, queue.size, queue.tryGet()]).toEqual([1, 1, 2])
  })

  suite.test('a put that timed out puts nothing', async ({ mp }) => {
    const queue = new mp.Queue<number>(1)
    await queue.put(0)
    await Promise.all([1, 2, 3].map((n) => thrown(() => queue.put(-n, { timeout: 5 }))))
    const patient = queue.put(1)
    expect(queue.tryGet()).toBe(0)
    await patient
    expect([queue.tryGet(), queue.tryGet()]).toEqual([1, undefined])
  })

  suite.test('an aborted get rejects with the reason and takes nothing', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    const reason = { because: 'no longer wanted' }
    const control = new AbortController()
    const aborted = thrown(() => queue.get({ signal: control.signal }))
    const patient = queue.get()
    await turns()
    control.abort(reason)
    expect(await aborted).toBe(reason)
    await queue.put(1)
    expect([await patient, queue.size]).toEqual([1, 0])
  })

  suite.test('an aborted put rejects with the reason and puts nothing', async ({ mp }) => {
    const queue = new mp.Queue<number>(1)
    await queue.put(0)
    const control = new AbortController()
    const aborted = thrown(() => queue.put(-1, { signal: control.signal }))
    const patient = queue.put(1)
    await turns()
    control.abort('enough')
    expect(await aborted).toBe('enough')
    expect(queue.tryGet()).toBe(0)
    await patient
    expect([queue.tryGet(), queue.tryGet()]).toEqual([1, undefined])
  })

  suite.test('the wake-up of an aborted get goes to a waiter in another process', async ({ mp, within }) => {
    for (const form of formsOf(suite.capabilities)) {
      const queue = new mp.Queue<number>()
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const control = new AbortController()
      const aborted = thrown(() => queue.get({ signal: control.signal }))
      const other = new mp.Process({ target: getOne, args: [queue, asked, report, form] }).start()
      await until(() => asked.value === 1, within(20_000), 'the start of the other')
      control.abort()
      await queue.put(1)
      expect(await aborted).toBe(control.signal.reason)
      expect(await report.get()).toBe(1)
      await allEndWell([other])
    }
  })

  suite.test('a signal that is aborted already rejects before anything is taken or put', async ({ mp }) => {
    const queue = new mp.Queue<number>(5)
    await queue.put(1)
    const signal = AbortSignal.abort('before')
    expect(await thrown(() => queue.get({ signal }))).toBe('before')
    expect(await thrown(() => queue.put(2, { signal }))).toBe('before')
    expect([queue.size, queue.tryGet()]).toEqual([1, 1])
  })

  suite.test('a signal that is raised later is no matter of what is done', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    const control = new AbortController()
    await queue.put(1, { signal: control.signal })
    const got = queue.get({ signal: control.signal })
    expect(await got).toBe(1)
    control.abort()
    await queue.put(2)
    expect(await queue.get()).toBe(2)
  })

  suite.test('any number of waits may share one signal', async ({ mp }) => {
    const warnings: string[] = []
    const warned = (warning: Error) => warnings.push(String(warning))
    process.on('warning', warned)
    try {
      const queue = new mp.Queue<number>()
      const control = new AbortController()
      const gets = Array.from({ length: 100 }, () => thrown(() => queue.get({ signal: control.signal })))
      await turns()
      control.abort('all')
      expect(new Set(await Promise.all(gets))).toEqual(new Set(['all']))
      await turns()
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', warned)
    }
  })

  suite.test('a bad timeout is refused at the call, and nothing is taken or put', ({ mp }) => {
    const queue = new mp.Queue<number>()
    queue.tryPut(1)
    for (const [timeout, kind] of [
      [Number.NaN, TypeError],
      ['5', TypeError],
      [null, TypeError],
      [5n, TypeError],
      [-1, RangeError],
      [Number.NEGATIVE_INFINITY, RangeError],
    ] as [number, ErrorConstructor][]) {
      expect(thrownAtOnce(() => queue.get({ timeout }))).toBeInstanceOf(kind)
      expect(thrownAtOnce(() => queue.put(2, { timeout }))).toBeInstanceOf(kind)
      if (sync) {
        expect(thrownAtOnce(() => queue.getSync({ timeout }))).toBeInstanceOf(kind)
        expect(thrownAtOnce(() => queue.putSync(2, { timeout }))).toBeInstanceOf(kind)
      }
    }
    expect([queue.size, queue.tryGet()]).toEqual([1, 1])
  })

  suite.test('options that are no object, and signals that are none, are refused at the call', ({ mp }) => {
    const queue = new mp.Queue<number>()
    queue.tryPut(1)
    for (const options of [5, 'soon', true, null] as unknown as object[]) {
      expect(thrownAtOnce(() => queue.get(options))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => queue.put(2, options))).toBeInstanceOf(TypeError)
      if (sync) {
        expect(thrownAtOnce(() => queue.getSync(options))).toBeInstanceOf(TypeError)
        expect(thrownAtOnce(() => queue.putSync(2, options))).toBeInstanceOf(TypeError)
      }
    }
    for (const signal of [{}, 'stop', 1] as unknown as AbortSignal[]) {
      expect(thrownAtOnce(() => queue.get({ signal }))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => queue.put(2, { signal }))).toBeInstanceOf(TypeError)
    }
    if (sync) {
      const { signal } = new AbortController()
      expect(thrownAtOnce(() => queue.getSync({ signal } as object))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => queue.putSync(2, { signal } as object))).toBeInstanceOf(TypeError)
    }
    expect([queue.size, queue.tryGet()]).toEqual([1, 1])
  })
}
