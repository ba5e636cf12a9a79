import type { Queue, Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { inTime, until } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { consumeMarking, isWhole, produceUntil, putAndExit, putAndHang, type Sealed } from '../../workers/queue-victims.js'
import { getOne } from '../../workers/queue-waiters.js'

const KILLS = 8
const MOST_ITEMS = 2_000_000

/** Producers and consumers that die: what was put is there, nothing is doubled or reordered, nobody else is blocked. */
export function death(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const how of ['return', 'exit'] as const) {
    suite.test(`what was put is there after its producer's ${how}`, async ({ mp }) => {
      for (const form of forms) {
        const queue = new mp.Queue<Sealed>()
        await allEndWell([new mp.Process({ target: putAndExit, args: [queue, 500, form, how] }).start()])
        expectAllThere(queue, 500)
      }
    })
  }

  suite.test('what was put is there after its producer was killed', async ({ mp, within }) => {
    for (let round = 0; round < 5; round++) {
      const queue = new mp.Queue<Sealed>()
      const done = new mp.Value('int32', 0)
      const producer = new mp.Process({ target: putAndHang, args: [queue, 100 * round + 1, done] }).start()
      await until(() => done.value === 1, within(20_000), 'the last put')
      producer.kill()
      expect(await inTime(producer.join(), within(10_000), 'the end of a killed producer')).toBe(-9)
      expectAllThere(queue, 100 * round + 1)
    }
  })

  for (const form of forms) {
    suite.test(`producers killed in the middle of their work (${form})`, async ({ mp, within }) => {
      const queue = new mp.Queue<Sealed>(16)
      const stop = new mp.Value('int32', 0)
      const survivorDone = new mp.Value('int32', 0)
      const survivor = new mp.Process({ target: produceUntil, args: [queue, 0, survivorDone, stop, form] }).start()
      const next = new Map<number, number>()
      const check = (item: Sealed) => {
        expect([item.from, item.n, isWhole(item)]).toEqual([item.from, next.get(item.from) ?? 0, true])
        next.set(item.from, item.n + 1)
        return item.from
      }
      const take = async () => check(await inTime(queue.get(), within(10_000), 'a get while producers die'))
      const random = randomFrom(7)
      for (let from = 1; from <= KILLS; from++) {
        const done = new mp.Value('int32', 0)
        const victim = new mp.Process({ target: produceUntil, args: [queue, from, done, stop, form] }).start()
        const enough = 1 + Math.floor(random() * 60)
        while (done.value < enough) await take()
        victim.kill()
        const exit = victim.join()
        // The survivor is not blocked by the death of its neighbour.
        for (let seen = 0; seen < 20; ) if ((await take()) === 0) seen++
        expect(await inTime(exit, within(10_000), 'the end of a killed producer')).toBe(-9)
        for (let seen = 0; seen < 20; ) if ((await take()) === 0) seen++
        // A put whose end was not told may be there or not; all others are.
        expect([done.value, done.value + 1]).toContain(next.get(from))
      }
      stop.value = 1
      void survivor.join().then(() => queue.shutdown())
      for await (const item of queue) check(item)
      await allEndWell([survivor])
      expect(next.get(0)).toBe(survivorDone.value)
    })

    suite.test(`consumers killed in the middle of their work (${form})`, async ({ mp, within }) => {
      const queue = new mp.Queue<Sealed>(16)
      const marks = new mp.Array('uint8', MOST_ITEMS)
      const [stop, done, wrong] = [1, 2, 3].map(() => new mp.Value('int32', 0)) as [Value, Value, Value]
      const start = (got: Value) => new mp.Process({ target: consumeMarking, args: [queue, marks, got, wrong, form] }).start()
      const survived = new mp.Value('int32', 0)
      const survivor = start(survived)
      const producer = new mp.Process({ target: produceUntil, args: [queue, 0, done, stop, form] }).start()
      const random = randomFrom(11)
      for (let n = 0; n < KILLS; n++) {
        const got = new mp.Value('int32', 0)
        const victim = start(got)
        const enough = 1 + Math.floor(random() * 60)
        await until(() => got.value >= enough, within(20_000), 'some gets of the victim')
        victim.kill()
        const before = survived.value
        await until(() => survived.value > before + 20, within(10_000), 'progress of the survivor')
        expect(await inTime(victim.join(), within(10_000), 'the end of a killed consumer')).toBe(-9)
        const after = survived.value
        await until(() => survived.value > after + 20, within(10_000), 'progress of the survivor')
      }
      stop.value = 1
      await allEndWell([producer])
      queue.shutdown()
      await allEndWell([survivor])
      expect(done.value).toBeLessThan(MOST_ITEMS)
      const times = [0, 0, 0]
      for (const mark of marks.subarray(0, done.value)) times[mark] = (times[mark] ?? 0) + 1
      expect(wrong.value, 'items out of order or damaged').toBe(0)
      expect(times.slice(2), 'items delivered twice').toEqual([0])
      expect(times[0], 'items lost').toBeLessThanOrEqual(KILLS)
    })

    suite.test(`a consumer that dies waiting takes no item with it (${form})`, async ({ mp, within }) => {
      for (let round = 0; round < 3; round++) {
        const queue = new mp.Queue<unknown>()
        const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
        const waiters = [1, 2].map(() => new mp.Process({ target: getOne, args: [queue, asked, report, form] }).start())
        await until(() => asked.value === 2, within(20_000), 'the start of the consumers')
        const here = queue.get()
        for (const waiter of waiters) waiter.kill()
        await Promise.all(waiters.map((waiter) => waiter.join()))
        queue.tryPut('for the living')
        expect(await inTime(here, within(10_000), 'the get of the living')).toBe('for the living')
      }
    })
  }
}

function expectAllThere(queue: Queue<Sealed>, count: number): void {
  expect(queue.size).toBe(count)
  for (let n = 0; n < count; n++) {
    const item = queue.tryGet()
    expect([item?.n, item && isWhole(item)]).toEqual([n, true])
  }
  expect(queue.tryGet()).toBe(undefined)
}
