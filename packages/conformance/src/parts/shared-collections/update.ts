import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { countUp, stayInside, transfer } from '../../workers/collecting.js'

const AGENTS = 4
const ROUNDS = 2_000
const ACCOUNTS = 10

/** A new value made of the old one, with nobody in between. */
export function update(suite: Suite): void {
  suite.test('gets the value or undefined, stores and returns what the function returns', ({ mp }) => {
    const map = new mp.SharedMap<string, number[] | undefined>()
    expect(map.update('a', (seen) => [seen === undefined ? 1 : 0])).toEqual([1])
    expect(map.update('a', (seen) => [...(seen as number[]), 2])).toEqual([1, 2])
    expect(map.update('b', () => undefined)).toBeUndefined()
    expect([...map]).toEqual([
      ['a', [1, 2]],
      ['b', undefined],
    ])
    const list = new mp.SharedList([1, 2])
    expect([list.update(1, (n) => n * 10), [...list]]).toEqual([20, [1, 20]])
  })

  suite.test('what the function throws is thrown, and nothing changes', ({ mp }) => {
    const [map, list] = [new mp.SharedMap<string, { n: number }>([['a', { n: 1 }]]), new mp.SharedList([{ n: 1 }])]
    const error = new Error('inside')
    const fail = (value?: { n: number }) => {
      if (value) value.n = 2
      throw error
    }
    expect([thrownAtOnce(() => map.update('a', fail)), thrownAtOnce(() => list.update(0, fail))]).toEqual([error, error])
    expect(thrownAtOnce(() => map.update('new', fail))).toBe(error)
    expect([[...map], [...list]]).toEqual([[['a', { n: 1 }]], [{ n: 1 }]])
    map.set('a', { n: 3 })
    list.push({ n: 4 })
  })

  suite.test('a function that returns a promise is a TypeError, as what is no function; nothing changes', ({ mp }) => {
    const [map, list] = [new mp.SharedMap<string, unknown>([['a', 1]]), new mp.SharedList<unknown>([1])]
    expect(thrownAtOnce(() => map.update('a', async () => 2))).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => list.update(0, async () => 2))).toBeInstanceOf(TypeError)
    // Nobody awaits it, so its rejection is nobody's: unhandled, it would fail this test.
    const reject = async () => {
      throw new Error('of nobody')
    }
    expect(thrownAtOnce(() => map.update('a', reject))).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => list.update(0, reject))).toBeInstanceOf(TypeError)
    for (const wrong of [undefined, null, 5, {}] as never[]) {
      expect(thrownAtOnce(() => map.update('a', wrong))).toBeInstanceOf(TypeError)
      expect(thrownAtOnce(() => list.update(0, wrong))).toBeInstanceOf(TypeError)
    }
    expect([[...map], [...list]]).toEqual([[['a', 1]], [1]])
  })

  suite.test('inside of it the collection can be used', ({ mp }) => {
    const map = new mp.SharedMap<string, number>([
      ['from', 10],
      ['to', 0],
    ])
    map.update('from', (money) => {
      map.update('to', (other = 0) => other + 3)
      for (let n = 0; n < 50; n++) map.set(`more ${n}`, n)
      expect([map.size, map.get('from'), mp.usage().agents]).toEqual([52, 10, 1])
      return (money ?? 0) - 3
    })
    expect([map.get('from'), map.get('to'), map.size]).toEqual([7, 3, 52])
    const list = new mp.SharedList([1, 2])
    list.update(0, (n) => list.push(n, n))
    expect([...list]).toEqual([4, 2, 1, 1])
  })

  suite.test(`${AGENTS} agents that count up lose nothing`, async ({ mp }) => {
    const [map, list] = [new mp.SharedMap<string, { n: number }>(), new mp.SharedList([0, 0])]
    const agents = Array.from({ length: AGENTS }, () => new mp.Process({ target: countUp, args: [map, list, ROUNDS] }).start())
    countUp(map, list, ROUNDS)
    await allEndWell(agents)
    const total = (AGENTS + 1) * ROUNDS
    expect([...map]).toEqual([
      ['all', { n: total }],
      ['even', { n: total / 2 }],
    ])
    expect([...list]).toEqual([total, total / 2])
  })

  suite.test('a snapshot that is taken while others write is of one moment', async ({ mp }) => {
    const accounts = new mp.SharedMap<number, { money: number }>(Array.from({ length: ACCOUNTS }, (_, n) => [n, { money: 100 }]))
    const listed = new mp.SharedList<{ money: number } | number>(Array.from({ length: ACCOUNTS }, () => 100))
    const stop = new mp.Value('int32', 0)
    const agents = [1, 2].map((seed) => new mp.Process({ target: transfer, args: [accounts, listed, stop, seed] }).start())
    const sum = (all: Iterable<{ money: number } | number>) =>
      [...all].reduce<number>((total, one) => total + (typeof one === 'number' ? one : one.money), 0)
    let moves = 0
    let before = ''
    // Not before there was something to see.
    while (moves < 200) {
      const entries = [...accounts]
      expect([entries.map(([key]) => key), sum(entries.map(([, value]) => value))]).toEqual([
        [...Array(ACCOUNTS).keys()],
        ACCOUNTS * 100,
      ])
      expect([sum(accounts.values()), sum(listed), sum(listed.slice(0))]).toEqual([1_000, 1_000, 1_000])
      const now = JSON.stringify(entries)
      if (now !== before) moves++
      before = now
      if (moves % 10 === 0) await new Promise(setImmediate)
    }
    stop.value = 1
    await allEndWell(agents)
    expect(sum(accounts.values())).toBe(ACCOUNTS * 100)
  })

  suite.test('a function that never ends holds up who uses the collection, and nobody else', async ({ mp, within, until }) => {
    for (const collection of [new mp.SharedMap([[0, 1]]), new mp.SharedList([1])]) {
      const inside = new mp.Event()
      const stuck = new mp.Process({ target: stayInside, args: [collection, inside] }).start()
      await inside.wait()
      // The end of any process is an occasion to collect, in the event loop of whoever started it.
      expect(await new mp.Process({ target: () => {} }).start().join({ timeout: within(20_000) })).toBe(0)
      expect(mp.usage().agents).toBe(2)
      await new Promise((resolve) => setTimeout(resolve, 1))
      stuck.kill()
      expect(await stuck.join()).toBe(-9)
      await until(() => collection.get(0) === 1, 'the release of what the dead had')
      collection.set(0, 2)
      expect(collection.get(0)).toBe(2)
    }
  })
}
