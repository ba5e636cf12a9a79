import type { Context } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { consume, echo, getInTurn, type Numbered, produce, putInTurn } from '../../workers/queue-traffic.js'

type Seen = [from: number, n: number][]

/** Every item once, and in the order in which the puts were completed. */
export function order(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const putting of forms) {
    for (const getting of forms) {
      suite.test(`one producer (${putting}), one consumer (${getting}): every item once, in order`, async ({ mp }) => {
        expect(await traffic(mp, { maxsize: 0, count: 4_000, putting: [[putting]], getting: [[getting]] })).toEqual([
          Array.from({ length: 4_000 }, (_, n) => [0, n]),
        ])
      })
    }
  }

  for (const maxsize of [0, 1, 7]) {
    suite.test(`three producers, three consumers, forms mixed, maxsize ${maxsize}: every item once, in order`, async ({ mp }) => {
      const each = [forms.slice(0, 1), forms.slice(-1), forms]
      const lists = await traffic(mp, { maxsize, count: 1_000, putting: each, getting: each })
      for (const list of lists) expectOrdered(list)
      const all = lists.flat().map(([from, n]) => from * 1_000 + n)
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, n) => n))
    })
  }

  for (const form of forms) {
    suite.test(`puts that follow one another in different processes are got in that order (${form})`, async ({ mp }) => {
      const queue = new mp.Queue<number>()
      const next = new mp.Value('int32', 0)
      const lock = new mp.Lock()
      const args: Parameters<typeof putInTurn> = [queue, lock, next, 1_000, form]
      await allEndWell([1, 2, 3].map(() => new mp.Process({ target: putInTurn, args }).start()))
      const got = Array.from({ length: queue.size }, () => queue.tryGet())
      expect(got).toEqual(Array.from({ length: 3_000 }, (_, n) => n))
    })

    suite.test(`gets that follow one another in different processes get in order (${form})`, async ({ mp }) => {
      const queue = new mp.Queue<number>(50)
      const [next, wrong] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const args: Parameters<typeof getInTurn> = [queue, new mp.Lock(), next, wrong, 1_000, form]
      const getters = [1, 2, 3].map(() => new mp.Process({ target: getInTurn, args }).start())
      for (let n = 0; n < 3_000; n++) await queue.put(n)
      await allEndWell(getters)
      expect(wrong.value).toBe(0)
    })
  }

  suite.test('puts that wait for room in one process go in in the order of the calls', async ({ mp }) => {
    const queue = new mp.Queue<number>(1)
    const puts = Array.from({ length: 100 }, (_, n) => queue.put(n))
    const got: number[] = []
    while (got.length < 100) got.push(await queue.get())
    await Promise.all(puts)
    expect(got).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  suite.test('gets that wait for items in one process get them in the order of the calls', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    const gets = Array.from({ length: 100 }, () => queue.get())
    for (let n = 0; n < 100; n++) await queue.put(n)
    expect(await Promise.all(gets)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  suite.test('a thousand queues do not disturb one another', async ({ mp }) => {
    const queues = Array.from({ length: 1_000 }, () => new mp.Queue<number>())
    queues.forEach((queue, n) => {
      for (let k = 0; k < 3; k++) queue.putSync(n * 3 + k)
    })
    const [there, back] = [new mp.Queue<unknown>(), new mp.Queue<unknown>()]
    const travelled = new mp.Process({ target: echo, args: [there, back] }).start()
    await there.put(queues)
    there.shutdown()
    const again = (await back.get()) as typeof queues
    expect(again.map((queue) => [queue.tryGet(), queue.size])).toEqual(queues.map((_, n) => [n * 3, 2]))
    expect(queues.map((queue) => [queue.tryGet(), queue.tryGet(), queue.tryGet()])).toEqual(
      queues.map((_, n) => [n * 3 + 1, n * 3 + 2, undefined]),
    )
    await allEndWell([travelled])
  })
}

interface Plan {
  readonly maxsize: number
  /** Items of each producer. */
  readonly count: number
  /** The forms of each producer. */
  readonly putting: readonly (readonly Form[])[]
  /** The forms of each consumer. */
  readonly getting: readonly (readonly Form[])[]
}

/** What each consumer has seen. */
async function traffic(mp: Context, { maxsize, count, putting, getting }: Plan): Promise<Seen[]> {
  const queue = new mp.Queue<Numbered>({ maxsize })
  const report = new mp.Queue<Seen>()
  const consumers = getting.map((forms) => new mp.Process({ target: consume, args: [queue, report, forms] }).start())
  const producers = putting.map((forms, from) => new mp.Process({ target: produce, args: [queue, from, count, forms] }).start())
  await allEndWell(producers)
  queue.shutdown()
  await allEndWell(consumers)
  return Array.from({ length: report.size }, () => report.tryGet() as Seen)
}

/** Each producer's items in their order. */
function expectOrdered(list: Seen): void {
  const last = new Map<number, number>()
  for (const [from, n] of list) {
    expect(n, `producer ${from}`).toBeGreaterThan(last.get(from) ?? -1)
    last.set(from, n)
  }
}
