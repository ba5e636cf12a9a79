import { type Context, NotCloneableError, type SharedMap, type Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { kinds, shared } from '../../support/items.js'
import { allEndWell } from '../../support/processes.js'
import { expectSame } from '../../support/same.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { uncloneable } from '../../support/uncloneable.js'
import { setKinds } from '../../workers/collecting.js'

/** What can be stored, and what comes out. */
export function values(suite: Suite): void {
  suite.test('every kind of data comes out as it was, here and elsewhere', async ({ mp }) => {
    const [map, list] = [new mp.SharedMap(), new mp.SharedList()]
    for (const [kind, make] of Object.entries(kinds)) map.set(kind, make()) && list.push(make())
    const [far, farList] = [new mp.SharedMap(), new mp.SharedList()]
    await allEndWell([new mp.Process({ target: setKinds, args: [map, list, far, farList] }).start()])
    for (const [n, [kind, make]] of Object.entries(kinds).entries()) {
      for (const stored of [map.get(kind), list.get(n), far.get(kind), farList.get(n)]) expectSame(stored, make(), kind)
    }
    for (const [n, [kind, value]] of [...map].entries()) expectSame(value, Object.values(kinds)[n]?.(), kind)
    for (const [n, value] of [...list].entries()) expectSame(value, Object.values(kinds)[n]?.(), 'in the snapshot')
  })

  suite.test('what is the same object within a value stays the same object', ({ mp }) => {
    const map = new mp.SharedMap<string, unknown>()
    for (const [what, { make, holds }] of Object.entries(shared)) {
      expect(holds(map.set(what, make()).get(what) as never), what).toBe(true)
    }
  })

  suite.test('a value is a copy, when it is set and at each get', ({ mp }) => {
    const [map, list] = [new mp.SharedMap<string, number[]>(), new mp.SharedList<number[]>()]
    const value = [1]
    map.set('a', value)
    list.push(value)
    value.push(2)
    map.get('a')?.push(3)
    list.get(0)?.push(3)
    expect([map.get('a'), list.get(0)]).toEqual([[1], [1]])
  })

  for (const [kind, make] of Object.entries(uncloneable)) {
    suite.test(`${kind} is refused at the call, and nothing changes`, ({ mp }) => {
      const [map, list] = [new mp.SharedMap<string, unknown>([['a', 1]]), new mp.SharedList<unknown>([1])]
      const before = mp.usage()
      const refused: [path: string, use: () => unknown][] = [
        ['value', () => map.set('a', make())],
        ['value', () => map.set('b', make())],
        ['value', () => map.update('a', make)],
        ['value.at[0]', () => map.set('a', { at: [make()] })],
        ['items[0]', () => list.push(make())],
        ['items[1]', () => list.push('first', make())],
        ['item', () => list.set(0, make())],
        ['items[1]', () => list.insert(0, 'first', make())],
        ['items[1].at', () => new mp.SharedList(['first', { at: make() }])],
        [
          'entries[1][1]',
          () =>
            new mp.SharedMap([
              ['a', 1],
              ['b', make()],
            ]),
        ],
        ['item.at[0]', () => list.update(0, () => ({ at: [make()] }))],
      ]
      for (const [path, use] of refused) {
        const error = thrownAtOnce(use)
        if (kind === 'a Promise' && path === 'value' && !(error instanceof NotCloneableError))
          expect(error).toBeInstanceOf(TypeError)
        else expect(error).toMatchObject({ code: 'MP_NOT_CLONEABLE', path })
      }
      expect([[...map], [...list]]).toEqual([[['a', 1]], [1]])
      expect(mp.usage()).toEqual(before)
    })
  }

  suite.test('a getter may use the map that its value goes into', ({ mp }) => {
    const map = new mp.SharedMap<string, unknown>([['a', 1]])
    const value = {
      get seen() {
        map.set('b', ['inner'])
        return [map.get('a'), map.size]
      },
    }
    map.set('c', value)
    expect([...map]).toEqual([
      ['a', 1],
      ['b', ['inner']],
      ['c', { seen: [1, 2] }],
    ])
  })

  suite.test('shared objects within values are those objects, whoever put them there', async ({ mp }) => {
    const map = new mp.SharedMap<string, { deep: [Value, SharedMap] }>()
    const value = new mp.Value('int32', 1)
    map.set('it', { deep: [value, map as never] })
    const { deep } = map.get('it') as { deep: [Value, SharedMap] }
    expect([deep[0] === value, deep[1] === (map as unknown)]).toEqual([true, true])
    const target = async (map: SharedMap<string, { deep: [Value, SharedMap] }>) => {
      const { deep } = map.get('it') as { deep: [Value, SharedMap] }
      deep[0].add(41)
      deep[1].set('more', 'through itself')
    }
    await allEndWell([new mp.Process({ target, args: [map] }).start()])
    expect([value.value, map.get('more')]).toEqual([42, 'through itself'])
  })

  suite.test('every kind of shared object is a value', ({ mp }) => {
    const map = new mp.SharedMap<string, object>()
    const things = oneOfEach(mp)
    for (const [kind, thing] of Object.entries(things)) map.set(kind, [thing])
    for (const [kind, thing] of Object.entries(things)) expect((map.get(kind) as object[])[0] === thing, kind).toBe(true)
  })
}

function oneOfEach(mp: Context): Record<string, object> {
  return {
    value: new mp.Value('int32', 1),
    array: new mp.Array('int8', 3),
    lock: new mp.Lock(),
    rlock: new mp.RLock(),
    queue: new mp.Queue(),
    map: new mp.SharedMap(),
    list: new mp.SharedList(),
  }
}
