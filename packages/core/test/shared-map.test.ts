import { describe, expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { Value } from '../src/data/value.js'
import { ResourceError } from '../src/errors.js'
import { SharedList } from '../src/shared/shared-list.js'
import { SharedMap } from '../src/shared/shared-map.js'
import { SHARE } from '../src/wire/shareable.js'
import { arrive, dyingIn } from './support/collections.js'
import { dyingAtEachStep } from './support/death.js'
import { isThere, makeMoment } from './support/holdings.js'
import { TestFamily } from './support/test-family.js'

type Key = string | number

const make = (agent: Agent, entries: readonly (readonly [Key, unknown])[] = []) => SharedMap.create<Key, unknown>(agent, entries)
const numbered = (count: number): [Key, unknown][] => Array.from({ length: count }, (_, n) => [`key ${n}`, { n }])

describe('the table', () => {
  test('does what a Map does, through growing, shrinking and graves', () => {
    const { first } = new TestFamily()
    const [map, model] = [make(first), new Map<Key, unknown>()]
    let seed = 7
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const keys: Key[] = Array.from({ length: 400 }, (_, n) => [n, -n, n + 0.5, `k${n}`, `漢${n}`, 'x'.repeat(n)][n % 6] as Key)
    for (let step = 0; step < 20_000; step++) {
      // Now mostly filled, now mostly emptied.
      const filling = Math.floor(step / 2_000) % 2 === 0
      const key = keys[random(keys.length)] as Key
      const roll = random(10)
      if (roll < (filling ? 6 : 2)) expect(map.set(key, step) && model.set(key, step)).toBe(model)
      else if (roll < 8) expect(map.delete(key)).toBe(model.delete(key))
      else expect([map.get(key), map.has(key)]).toEqual([model.get(key), model.has(key)])
      if (step % 500 === 0) expect([...map]).toEqual([...model])
      expect(map.size).toBe(model.size)
    }
    for (const key of keys) map.delete(key)
    // Itself, and the smallest table.
    expect([map.size, first.heap.usage().blocks]).toEqual([0, 2])
  })

  test('keeps keys apart that have the same hash, and a key that comes and goes does not fill it', () => {
    const { first } = new TestFamily()
    const map = make(first)
    const before = map.set('stays', 1) && first.heap.usage()
    for (let n = 0; n < 1_000; n++) map.set(n, n).delete(n)
    expect(first.heap.usage()).toEqual(before)
  })

  test('numbers are the same key where they are in a Map; a number is not the text of it', () => {
    const map = make(new TestFamily().first)
    const nan = new Float64Array(new BigUint64Array([0x7ff8000000000123n]).buffer)[0] as number
    map
      .set(-0, 'zero')
      .set(Number.NaN, 'none')
      .set(1, 'one')
      .set('1', 'text')
      .set(2 ** 40, 'large')
      .set(0.1, 'part')
    expect([map.get(0), map.get(nan), map.get(1), map.get('1'), map.get(2 ** 40), map.get(0.1)]).toEqual([
      'zero',
      'none',
      'one',
      'text',
      'large',
      'part',
    ])
    expect([...map.keys()].map((key) => Object.is(key, -0))).not.toContain(true)
    expect([...map.keys()]).toEqual([0, Number.NaN, 1, '1', 2 ** 40, 0.1])
  })

  test('texts of any length and any characters are keys', () => {
    const map = make(new TestFamily().first)
    const texts = [
      '',
      'a',
      'ab',
      'abc',
      'abcd',
      'ä',
      '\xff\xff',
      'a\0',
      'a\0\0',
      '漢',
      '漢字',
      '\ud800',
      '\udc00',
      '😀',
      'é'.repeat(13),
      '字'.repeat(9),
      'y'.repeat(70_000),
    ]
    for (const [n, text] of texts.entries()) map.set(text, n)
    expect(map.size).toBe(texts.length)
    for (const [n, text] of texts.entries())
      expect([map.get(text), map.get(`${text}x`)], JSON.stringify(text.slice(0, 9))).toEqual([n, undefined])
    expect([...map.keys()]).toEqual(texts)
  })
})

describe('an agent that dies, at whatever step, in', () => {
  const acts: Record<string, { readonly entries: number; readonly act: (map: SharedMap<Key, unknown>) => void }> = {
    'setting the first key': { entries: 0, act: (map) => void map.set('new', [1]) },
    'setting a new key': { entries: 3, act: (map) => void map.set('new', [1]) },
    'setting a new key for which the table must grow': { entries: 6, act: (map) => void map.set('new', [1]) },
    'setting a key that is there': { entries: 3, act: (map) => void map.set('key 1', [1]) },
    'updating a key': { entries: 3, act: (map) => void map.update('key 1', () => [1]) },
    'deleting a key': { entries: 3, act: (map) => void map.delete('key 1') },
    'deleting a key after which the table shrinks': {
      entries: 7,
      act: (map) => void [6, 5, 4, 3, 2, 1].map((n) => map.delete(`key ${n}`)),
    },
    clearing: { entries: 3, act: (map) => map.clear() },
    'looking at all of it': { entries: 3, act: (map) => void [...map] },
  }

  test.each(Object.entries(acts))('%s', (name, { entries, act }) => {
    const model = make(new TestFamily().first, numbered(entries))
    act(model)
    const after = [...model]
    const steps = name.includes('shrinks') ? [...states(numbered(entries))] : [numbered(entries), after]
    dyingAtEachStep((step) =>
      dyingIn(step, {
        make: (agent) => make(agent, numbered(entries)),
        act,
        look: (map) => [map.size, [...map]],
        before: [entries, numbered(entries)],
        after: [after.length, after],
        between: steps.map((one) => [one.length, one]),
        goOn: (map) => {
          for (let n = 0; n < 20; n++) map.set(`more ${n}`, n)
          expect([map.size, map.get('more 19')]).toEqual([[...map].length, 19])
        },
      }),
    )
  })
})

describe('objects in it', () => {
  test('live as long as their entry, and are the same to all', () => {
    const family = new TestFamily()
    const { first } = family
    const other = family.join()
    const map = make(first)
    const theirs = arrive(map, other)
    {
      const value = Value.create(other, 'int32', 7, { lock: false })
      theirs.set('value', { deep: [value] })
      other.ledger.release(idOf(value))
    }
    family.bury(other)
    for (let n = 0; n < 3; n++) first.collectGarbage()
    const { deep } = map.get('value') as { deep: [Value] }
    expect(deep[0].value).toBe(7)
    expect(map.get('value')).toEqual({ deep: [deep[0]] })
    first.ledger.release(idOf(deep[0]))
    first.collectGarbage()
    const before = first.heap.usage().blocks
    map.set('value', 0)
    first.collectGarbage()
    // The Value is gone; another entry is in the place of its.
    expect(first.heap.usage().blocks).toBe(before - 1)
  })

  test.each([false, true])(
    'that move to another map or list in the midst of a collection are kept: the other way round %s',
    (swap) => {
      const { first } = new TestFamily()
      const [one, list] = [make(first), SharedList.create<unknown>(first)]
      one[SHARE]()
      list[SHARE]()
      let move = () => {}
      makeMoment(first, () => move())
      const [two, other] = [make(first), SharedList.create<unknown>(first)]
      two[SHARE]()
      other[SHARE]()
      const [from, to, fromList, toList] = swap ? [one, two, list, other] : [two, one, other, list]
      const values = [from, fromList].map(() => Value.create(first, 'int32', 7, { lock: false }))
      from.set('it', [values[0]])
      fromList.push([values[1]])
      for (const value of values) first.ledger.release(idOf(value))
      move = () => {
        to.set('it', from.get('it'))
        from.delete('it')
        toList.push(fromList.pop())
        for (const value of values) first.ledger.release(idOf(value))
      }
      first.collectGarbage()
      expect(values.map((value) => isThere(first, { id: idOf(value) }))).toEqual([true, true])
      first.collectGarbage()
      expect(values.map((value) => isThere(first, { id: idOf(value) }))).toEqual([true, true])
      to.clear()
      toList.clear()
      first.collectGarbage()
      expect(values.map((value) => isThere(first, { id: idOf(value) }))).toEqual([false, false])
    },
  )

  test('a map in itself goes when nobody has it', () => {
    const { first } = new TestFamily()
    const map = make(first)
    map.set('self', map).set('again', [map])
    expect(map.get('self')).toBe(map)
    first.ledger.release(idOf(map))
    first.collectGarbage()
    expect(first.heap.usage().blocks).toBe(0)
  })
})

describe('the lock', () => {
  test('of one that died inside is taken over, and what it had counted is counted anew', () => {
    const family = new TestFamily()
    const map = make(family.first, numbered(2))
    const victim = family.join()
    const theirs = arrive(map, victim)
    const seen: number[] = []
    expect(() =>
      theirs.update('key 1', () => {
        seen.push(theirs.size)
        throw new Error('inside')
      }),
    ).toThrow('inside')
    expect([map.size, map.get('key 1')]).toEqual([2, { n: 1 }])
  })

  test('is entered again inside an update, the collector included', () => {
    const { first } = new TestFamily()
    const map = make(first, [['a', 1]])
    map[SHARE]()
    const result = map.update('a', (value) => {
      map.set('b', [value])
      first.collectGarbage()
      return (map.get('b') as number[])[0]
    })
    expect([result, ...map]).toEqual([1, ['a', 1], ['b', [1]]])
  })
})

test('where there is no more memory a set is refused, the map is as before, and deleting goes on', () => {
  const family = new TestFamily()
  const { first } = family
  const map = make(first, numbered(6))
  family.memory.limit = family.memory.size()
  const full = () => {
    for (let n = 0; ; n++) map.set(`more ${n}`, new Uint8Array(30_000))
  }
  expect(full).toThrow(ResourceError)
  const { size } = map
  expect([...map].length).toBe(size)
  for (const key of [...map.keys()]) expect(map.delete(key)).toBe(true)
  expect([map.size, first.heap.usage().blocks]).toEqual([0, 2])
})

function idOf(object: { [SHARE](): { readonly id: number } }): number {
  return object[SHARE]().id
}

/** After each of some deletions from the end: what is there. */
function* states(entries: [Key, unknown][]): Generator<[Key, unknown][]> {
  for (let left = entries.length; left > 0; left--) yield entries.slice(0, left)
}
