import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns, until } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { putThenTell } from '../../workers/queue-waiters.js'

/** `maxsize`, and what the queue says about itself. */
export function room(suite: Suite): void {
  suite.test('without maxsize it is never full', ({ mp }) => {
    for (const queue of [
      new mp.Queue<number>(),
      new mp.Queue<number>(0),
      new mp.Queue<number>({}),
      new mp.Queue<number>({ maxsize: 0 }),
    ]) {
      expect(queue.maxsize).toBe(0)
      for (let n = 0; n < 2_000; n++) expect(queue.tryPut(n)).toBe(true)
      expect([queue.size, queue.empty, queue.full]).toEqual([2_000, false, false])
    }
  })

  for (const maxsize of [1, 2, 100]) {
    suite.test(`maxsize ${maxsize}: full after so many, and tryPut says so`, ({ mp }) => {
      const queue = maxsize === 100 ? new mp.Queue<number>(maxsize) : new mp.Queue<number>({ maxsize })
      expect([queue.maxsize, queue.size, queue.empty, queue.full]).toEqual([maxsize, 0, true, false])
      expect(queue.tryGet()).toBe(undefined)
      // Round and round, past any end of what lies underneath.
      for (let round = 0; round < 50; round++) {
        for (let n = 0; n < maxsize; n++) {
          expect([queue.full, queue.tryPut(n)]).toEqual([false, true])
          expect([queue.size, queue.empty]).toEqual([n + 1, false])
        }
        expect([queue.full, queue.tryPut(-1), queue.size]).toEqual([true, false, maxsize])
        for (let n = 0; n < maxsize; n++) expect(queue.tryGet()).toBe(n)
        expect([queue.tryGet(), queue.size, queue.empty, queue.full]).toEqual([undefined, 0, true, false])
      }
    })
  }

  suite.test('maxsize counts items, not bytes', ({ mp }) => {
    const queue = new mp.Queue<Uint8Array>(3)
    for (let n = 0; n < 3; n++) expect(queue.tryPut(new Uint8Array(2 ** 21).fill(n))).toBe(true)
    expect(queue.tryPut(new Uint8Array(0))).toBe(false)
    expect([queue.tryGet(), queue.tryGet(), queue.tryGet()].map((item) => item?.[1])).toEqual([0, 1, 2])
  })

  suite.test('a falsy item is an item', ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    for (const item of [0, '', false, null, undefined]) queue.tryPut(item)
    expect(queue.size).toBe(5)
    expect([queue.tryGet(), queue.tryGet(), queue.tryGet(), queue.tryGet()]).toEqual([0, '', false, null])
    expect([queue.size, queue.tryGet(), queue.size]).toEqual([1, undefined, 0])
  })

  suite.test('put waits while it is full, and goes on when there is room', async ({ mp }) => {
    const queue = new mp.Queue<number>(1)
    await queue.put(0)
    let done = false
    const put = queue.put(1).then(() => {
      done = true
    })
    await turns()
    expect([done, queue.size]).toEqual([false, 1])
    expect(queue.tryGet()).toBe(0)
    await put
    expect([queue.size, queue.tryGet()]).toEqual([1, 1])
  })

  for (const form of formsOf(suite.capabilities)) {
    suite.test(`a put that waits in another process goes on when there is room (${form})`, async ({ mp, within }) => {
      const queue = new mp.Queue<number>(2)
      const [asked, done] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const putter = new mp.Process({ target: putThenTell, args: [queue, asked, done, 5, form] }).start()
      await until(() => asked.value === 3, within(20_000), 'the third put')
      await turns()
      expect([done.value, queue.size, queue.full]).toEqual([2, 2, true])
      for (let n = 0; n < 5; n++) expect(await queue.get()).toBe(n)
      await allEndWell([putter])
      expect(queue.size).toBe(0)
    })
  }

  suite.test('each get lets one waiting put go on', async ({ mp }) => {
    const queue = new mp.Queue<number>(1)
    await queue.put(0)
    let done = 0
    const puts = [1, 2, 3].map((n) => queue.put(n).then(() => done++))
    for (let n = 0; n < 3; n++) {
      expect(queue.tryGet()).toBe(n)
      await puts[n]
      await turns()
      expect([done, queue.size]).toEqual([n + 1, 1])
    }
    await Promise.all(puts)
  })

  suite.test('a maxsize that is no whole number from 0 is refused', ({ mp }) => {
    for (const maxsize of [-1, 0.5, 1.5, Number.NEGATIVE_INFINITY]) {
      expect(thrownAtOnce(() => new mp.Queue(maxsize))).toBeInstanceOf(RangeError)
      expect(thrownAtOnce(() => new mp.Queue({ maxsize }))).toBeInstanceOf(RangeError)
    }
    for (const maxsize of ['10', null, 1n, {}, true] as unknown as number[]) {
      expect(
        thrownAtOnce(() => new mp.Queue({ maxsize })),
        `maxsize ${String(maxsize)}`,
      ).toBeInstanceOf(TypeError)
    }
    expect(String(thrownAtOnce(() => new mp.Queue(-7)))).toMatch(/maxsize.*-7/)
  })

  suite.test('options that are no object are refused', ({ mp }) => {
    for (const options of ['10', true, 10n, null, () => {}] as unknown as number[]) {
      expect(thrownAtOnce(() => new mp.Queue(options))).toBeInstanceOf(TypeError)
    }
  })
}
