import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { type Entry, fill, mixAll } from '../../workers/collecting.js'

const AGENTS = 16
const OPERATIONS = 100_000
const KEYS = 100_000

/** Many agents that all write. */
export function concurrent(suite: Suite): void {
  suite.test(`${AGENTS} agents, ${OPERATIONS} operations of every kind: each finds what it must`, async ({ mp }) => {
    const [map, list] = [new mp.SharedMap<string | number, unknown>(), new mp.SharedList<Entry>()]
    const wrong = new mp.SharedList<string>()
    const rounds = Math.ceil(OPERATIONS / AGENTS / 60) * 60
    const agents = Array.from({ length: AGENTS }, (_, me) =>
      new mp.Process({ target: mixAll, args: [map, list, wrong, me, rounds] }).start(),
    )
    await allEndWell(agents)
    expect([...wrong]).toEqual([])
    // Everyone deleted its own keys; the others have been counted up.
    const counted = [...map].sort(([a], [b]) => Number(a) - Number(b))
    expect(counted.map(([key]) => key)).toEqual([0, 2, 4, 6, 8])
    expect(counted.reduce((sum, [, value]) => sum + (value as number), 0)).toBe((rounds / 6) * AGENTS)
    const left = new Set([...list].map(({ from, n }) => `${from}/${n}`))
    expect(left.size, 'items doubled').toBe(list.length)
  })

  suite.test(`two agents fill one map with ${KEYS} keys, and every one is there`, async ({ mp }) => {
    const map = new mp.SharedMap<string, Entry>()
    await allEndWell([1, 2].map((from) => new mp.Process({ target: fill, args: [map, from, KEYS / 2] }).start()))
    expect(map.size).toBe(KEYS)
    for (let n = 0; n < KEYS / 2; n += 7)
      expect([map.get(`1/${n}`), map.get(`2/${n}`)]).toEqual([
        { from: 1, n },
        { from: 2, n },
      ])
    const last = new Map<number, number>()
    let count = 0
    for (const [key, { from, n }] of map) {
      if (key !== `${from}/${n}` || n !== (last.get(from) ?? -1) + 1) throw new Error(`${key} is ${from}/${n}`)
      last.set(from, n)
      count++
    }
    expect(count).toBe(KEYS)
  })
}
