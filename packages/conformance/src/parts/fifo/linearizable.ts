import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { findViolation, type Operation } from '../../support/linearizability.js'
import { allEndWell } from '../../support/processes.js'
import { record } from '../../workers/queue-history.js'
import { putAndTell, takeWhatWasTold } from '../../workers/queue-traffic.js'

/** Every call takes effect at one moment between its beginning and its end. */
export function linearizable(suite: Suite): void {
  suite.test('after a completed put tryGet by anyone never finds the queue empty', async ({ mp }) => {
    for (const [putters, takers] of [
      [1, 1],
      [2, 2],
    ] as const) {
      const count = 10_000
      const queue = new mp.Queue<number>()
      const [told, taken, empty] = [new mp.Value('int32', 0), new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const sum = new mp.Value('int64', 0n)
      const all = [
        ...Array.from({ length: takers }, () => {
          return new mp.Process({ target: takeWhatWasTold, args: [queue, told, taken, sum, empty, putters * count] }).start()
        }),
        ...Array.from({ length: putters }, (_, n) => {
          return new mp.Process({ target: putAndTell, args: [queue, told, n * count, count] }).start()
        }),
      ]
      await allEndWell(all)
      const last = BigInt(putters * count)
      expect([empty.value, taken.value, sum.value, queue.size]).toEqual([0, putters * count, (last * (last - 1n)) / 2n, 0])
    }
  })

  suite.test('after a completed put by another process tryGet here finds the item', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    const told = new mp.Value('int32', 0)
    const putter = new mp.Process({ target: putAndTell, args: [queue, told, 0, 5_000] }).start()
    for (let n = 0; n < 5_000; n++) {
      while (told.value === n) await new Promise((resolve) => setImmediate(resolve))
      if (queue.tryGet() !== n) expect.fail(`item ${n} was put, and not found`)
    }
    await allEndWell([putter])
  })

  const forms = formsOf(suite.capabilities)
  for (const maxsize of [0, 1, 3]) {
    suite.test(`puts and gets of four processes have a legal order, maxsize ${maxsize}`, async ({ mp }) => {
      const callers: Form[] = [...forms, ...forms].slice(0, 4)
      const queue = new mp.Queue<number>(maxsize)
      const report = new mp.Queue<Operation[]>()
      const [clock, ready] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const recorders = callers.map((form, caller) => {
        const share = { caller, form, calls: 1_000, seed: 100 * maxsize + caller }
        return new mp.Process({ target: record, args: [queue, clock, ready, callers.length, report, share] }).start()
      })
      await allEndWell(recorders)
      const history = callers.map(() => report.tryGet() ?? [])
      // What is left belongs to the history: an item that a timed-out get has swallowed would not be missed otherwise.
      const rest: Operation[] = []
      for (let item: number | undefined = -1; item !== undefined; ) {
        const called = clock.add(1)
        item = queue.tryGet()
        rest.push({ called, returned: clock.add(1), kind: 'get', item, outcome: item === undefined ? 'refused' : 'done' })
      }
      expect(findViolation([...history, rest], maxsize)).toBe(undefined)
      expect(history.flat().length).toBe(callers.length * 1_000)
    })
  }
}
