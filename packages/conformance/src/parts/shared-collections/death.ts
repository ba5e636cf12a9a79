import type { SharedList, SharedMap } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { randomMoment } from '../../support/moments.js'
import { randomFrom } from '../../support/random.js'
import { churn, isWhole, type Sealed, sealed, sitInside } from '../../workers/collecting.js'

const KILLS = 12
const FIXED = 20

/** Writers that are killed in the middle of anything: every entry is the old one or the new one, and nobody is held up. */
export function death(suite: Suite): void {
  const needs = { liveness: 'anytime' } as const

  suite.test(
    'writers killed at random moments leave a sound map and a sound list',
    async (tools) => {
      const { mp, within, until } = tools
      const random = randomFrom(17)
      const [map, list] = [new mp.SharedMap<string, Sealed>(), new mp.SharedList<Sealed | number>()]
      for (let n = 0; n < FIXED; n++) map.set(`fixed ${n}`, sealed(-1, n))
      const start = (from: number) => {
        const rounds = new mp.Value('int32', -1)
        return { rounds, one: new mp.Process({ target: churn, args: [map, list, from, rounds] }).start() }
      }
      const survivor = start(0)
      for (let from = 1; from <= KILLS; from++) {
        const victim = start(from)
        await until(() => victim.rounds.value > 40, 'some rounds of the victim')
        await randomMoment(random, 5)
        victim.one.kill()
        expectSound(map, list)
        expect(await inTime(victim.one.join(), within(10_000), 'the end of the killed')).toBe(-9)
        const before = survivor.rounds.value
        await until(() => survivor.rounds.value > before + 5, 'progress of the survivor')
        expectSound(map, list)
        // What it left of its own is still entries like any other.
        for (const key of map.keys()) if (key.startsWith(`${from}/`)) expect(map.delete(key)).toBe(true)
      }
      survivor.one.kill()
      await survivor.one.join()
      expectSound(map, list)
      for (const key of map.keys()) if (!key.startsWith('fixed')) map.delete(key)
      expect([...map.keys()]).toEqual(Array.from({ length: FIXED }, (_, n) => `fixed ${n}`))
      list.clear()
      // The map, its table and its entries; the list; two counts for each writer, of those that are not collected yet.
      expect(mp.usage().blocks).toBeLessThanOrEqual(2 + FIXED + 1 + (KILLS + 1))
    },
    needs,
  )

  suite.test(
    'one that dies inside an update has not changed the entry, and holds nobody up',
    async ({ mp, within, until }) => {
      const map = new mp.SharedMap<string, number>([['a', 1]])
      const inside = new mp.Value('int32', 0)
      const one = new mp.Process({ target: sitInside, args: [map, inside] }).start()
      await until(() => inside.value === 1, 'the update')
      one.kill()
      expect([map.get('a'), map.get('set inside'), map.size]).toEqual([1, 1, 2])
      expect(await inTime(one.join(), within(10_000), 'the end of the killed')).toBe(-9)
      expect(map.update('a', (n = 0) => n + 1)).toBe(2)
    },
    needs,
  )
}

function expectSound(map: SharedMap<string, Sealed>, list: SharedList<Sealed | number>): void {
  const entries = [...map]
  const keys = new Set(entries.map(([key]) => key))
  expect(keys.size, 'keys twice').toBe(entries.length)
  for (const [key, value] of entries) {
    if (!isWhole(value)) throw new Error(`${key} is damaged: ${JSON.stringify(value)}`)
    const [from] = key.split('/')
    if (key.includes('/') && Number(from) !== value.from) throw new Error(`${key} has the value of another key`)
  }
  for (let n = 0; n < FIXED; n++) expect(map.get(`fixed ${n}`)).toEqual(sealed(-1, n))
  for (const item of list)
    if (typeof item !== 'number' && !isWhole(item)) throw new Error(`an item is damaged: ${JSON.stringify(item)}`)
}
