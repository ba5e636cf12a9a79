import type { Queue, SharedList, SharedMap, Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { collectGarbage, stir, untilFreed } from '../../support/garbage.js'
import { allEndWell } from '../../support/processes.js'

/** What collections hold stays, and nothing else. */
export function memory(suite: Suite): void {
  suite.test('memory returns when entries go', ({ mp }) => {
    const [map, list] = [new mp.SharedMap<number, unknown>(), new mp.SharedList<unknown>()]
    // Both have their smallest tables.
    map.set(0, 0)
    map.delete(0)
    list.push(0)
    list.pop()
    const empty = mp.usage()
    const ways = [
      () => {
        for (let n = 0; n < 5_000; n++) map.delete(n)
        while (list.length > 0) list.pop()
      },
      () => {
        for (let n = 4_999; n >= 0; n--) map.delete(n)
        for (let n = 4_999; n >= 0; n--) list.delete(n)
      },
    ]
    for (const empties of ways) {
      for (let n = 0; n < 5_000; n++) {
        map.set(n, { n, text: 'x'.repeat(n % 300) })
        list.push({ n, text: 'x'.repeat(n % 300) })
      }
      expect(mp.usage().bytes).toBeGreaterThan(empty.bytes + 1_000_000)
      empties()
      expect(mp.usage()).toEqual(empty)
    }
    map.set(1, 'x'.repeat(100_000))
    list.push('x'.repeat(100_000))
    map.clear()
    list.clear()
    expect(mp.usage().bytes).toBeLessThanOrEqual(empty.bytes)
  })

  suite.test('a value that is replaced a hundred thousand times takes the memory of one', ({ mp }) => {
    const [map, list] = [new mp.SharedMap<string, unknown>([['a', [0]]]), new mp.SharedList<unknown>([[0]])]
    const before = mp.usage()
    for (let n = 0; n < 100_000; n++) {
      map.set('a', [n])
      list.set(0, [n])
    }
    expect(mp.usage()).toEqual(before)
    for (let n = 0; n < 10_000; n++) map.set(`${n}`, 1).delete(`${n}`)
    expect(mp.usage()).toEqual(before)
  })

  suite.test('an object that only an entry refers to stays, and goes with the entry', async (tools) => {
    const { mp } = tools
    const map = new mp.SharedMap<string, [Value, Queue<number>]>()
    const list = new mp.SharedList<[Value]>()
    const put = () => {
      const queue = new mp.Queue<number>()
      queue.putSync(7)
      map.set('it', [new mp.Value('int32', 42), queue])
      list.push([new mp.Value('int32', 43)])
    }
    put()
    await stir(mp)
    const look = () => {
      const [value, queue] = map.get('it') as [Value, Queue<number>]
      const [inList] = list.get(0) as [Value]
      expect([value.value, queue.size, inList.value, value.lock?.locked]).toEqual([42, 1, 43, false])
      value.runExclusiveSync(() => value.value++)
      value.sub(1)
    }
    look()
    await stir(mp)
    look()
    const blocks = () => {
      collectGarbage()
      return mp.usage().blocks
    }
    map.set('it', 0 as never)
    list.pop()
    const empty = new mp.SharedMap([['it', 0]])
    expect(empty.size).toBe(1)
    // Both maps, each with a table and an entry; the list and its store.
    await tools.until(() => blocks() === 8, 'the return of what the entries held')
  })

  suite.test('what an agent put there that is gone since stays', async (tools) => {
    const { mp } = tools
    const [map, list] = [new mp.SharedMap<string, [Value]>(), new mp.SharedList<[Value]>()]
    const target = async (name: string, map: SharedMap<string, [Value]>, list: SharedList<[Value]>) => {
      const { getContext } = await import('@multiproc/core')
      const mp = await getContext(name)
      for (let n = 0; n < 100; n++) {
        map.set(`${n}`, [new mp.Value('int32', n)])
        list.push([new mp.Value('int32', n)])
      }
    }
    await allEndWell([new mp.Process({ target, args: [mp.backend.name, map, list] }).start()])
    await stir(mp)
    const look = () => {
      expect([...map].map(([key, [value]]) => Number(key) - value.value)).toEqual(Array(100).fill(0))
      expect([...list].map(([value], n) => n - value.value)).toEqual(Array(100).fill(0))
    }
    look()
    await stir(mp)
    look()
  })

  suite.test('collections that contain themselves and each other are freed', async (tools) => {
    const { mp } = tools
    const tie = () => {
      for (let n = 0; n < 50; n++) {
        const [map, list] = [new mp.SharedMap<string, unknown>(), new mp.SharedList<unknown>()]
        map.set('self', map).set('list', [list])
        list.push(list, { map })
        list.push(new mp.Value('int32', n))
      }
    }
    tie()
    await untilFreed(tools)
  })

  suite.test('dropped collections give everything back, however full', async (tools) => {
    const { mp } = tools
    const drop = () => {
      for (let n = 0; n < 100; n++) {
        const map = new mp.SharedMap<number, unknown>()
        for (let k = 0; k < 30; k++) map.set(k, { k, value: k % 10 === 0 ? new mp.Value('int32', k) : k })
        new mp.SharedList([...map.values()])
      }
    }
    drop()
    await untilFreed(tools)
  })
}
