import { inspect } from 'node:util'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { randomFrom } from '../../support/random.js'
import { thrownAtOnce } from '../../support/thrown.js'

/** What is no key. */
const NO_KEYS = [undefined, null, true, 1n, Symbol('s'), {}, [], () => {}, Object('text')]

/** What one agent sees. */
export function map(suite: Suite): void {
  suite.test('set, get, has, delete, size and clear do what they do in a Map', ({ mp }) => {
    const map = new mp.SharedMap<string | number, unknown>()
    expect([map.size, map.get('a'), map.has('a'), map.delete('a')]).toEqual([0, undefined, false, false])
    expect(map.set('a', 1)).toBe(map)
    map.set('b', 'two').set(3, undefined)
    expect([map.size, map.get('a'), map.get('b'), map.get(3), map.has(3), map.get('3')]).toEqual([
      3,
      1,
      'two',
      undefined,
      true,
      undefined,
    ])
    map.set('a', 10)
    expect([map.size, map.get('a'), map.delete('a'), map.delete('a'), map.has('a'), map.size]).toEqual([
      3,
      10,
      true,
      false,
      false,
      2,
    ])
    map.clear()
    map.clear()
    expect([map.size, map.has('b')]).toEqual([0, false])
    map.set('b', 1)
    expect([...map]).toEqual([['b', 1]])
  })

  suite.test('it agrees with a Map after thousands of random operations', ({ mp }) => {
    const [map, model, random] = [new mp.SharedMap<string | number, number>(), new Map<string | number, number>(), randomFrom(3)]
    for (let n = 0; n < 20_000; n++) {
      const number = Math.floor(random() * 300) - 100
      const key = random() < 0.5 ? number : `key ${number}`
      if (random() < (n < 10_000 ? 0.7 : 0.4)) expect(map.set(key, n).get(key)).toBe(model.set(key, n).get(key))
      else expect(map.delete(key)).toBe(model.delete(key))
      expect(map.size).toBe(model.size)
    }
    expect([...map]).toEqual([...model])
  })

  suite.test('keys are strings and numbers, as a Map has them: NaN is one key, -0 is 0, 1 is not "1"', ({ mp }) => {
    const keys = [
      0,
      1,
      '1',
      -1,
      0.5,
      Number.NaN,
      'NaN',
      2 ** 31,
      -(2 ** 31),
      2 ** 53,
      5e-324,
      Number.POSITIVE_INFINITY,
      '',
      'ä',
      '漢字',
      '😀',
      '\ud800',
      'a\0',
      'k'.repeat(100_000),
    ]
    const map = new mp.SharedMap<string | number, number>()
    for (const [n, key] of keys.entries()) map.set(key, n)
    expect(map.size).toBe(keys.length)
    for (const [n, key] of keys.entries()) expect([map.get(key), map.has(key)]).toEqual([n, true])
    expect([...map.keys()]).toEqual(keys)
    map.set(-0, 99)
    expect([map.get(0), map.size, Object.is([...map.keys()][0], 0)]).toEqual([99, keys.length, true])
    for (const key of keys) expect(map.delete(key)).toBe(true)
    expect(map.size).toBe(0)
  })

  suite.test('any other key is a TypeError, and nothing changes', ({ mp }) => {
    const map = new mp.SharedMap<string, unknown>([['a', 1]])
    for (const key of NO_KEYS as never[]) {
      for (const use of [
        () => map.get(key),
        () => map.has(key),
        () => map.set(key, 1),
        () => map.delete(key),
        () => map.update(key, () => 1),
      ]) {
        expect(thrownAtOnce(use), String(key)).toBeInstanceOf(TypeError)
      }
      expect(thrownAtOnce(() => new mp.SharedMap([[key, 1]]))).toBeInstanceOf(TypeError)
    }
    expect([...map]).toEqual([['a', 1]])
  })

  suite.test('iteration goes by the order of insertion; a value that is replaced keeps its place', ({ mp }) => {
    const map = new mp.SharedMap<string | number, number>([
      ['z', 1],
      [5, 2],
      ['a', 3],
    ])
    map.set('z', 10)
    map.delete(5)
    map.set(5, 20)
    expect([...map]).toEqual([
      ['z', 10],
      ['a', 3],
      [5, 20],
    ])
    expect([[...map.keys()], [...map.values()], [...map.entries()]]).toEqual([['z', 'a', 5], [10, 3, 20], [...map]])
    expect(new Map(map)).toEqual(new Map([...map]))
    const seen: unknown[] = []
    map.forEach((value, key, whole) => void seen.push([key, value, whole === map]))
    expect(seen).toEqual([...map].map((entry) => [...entry, true]))
  })

  suite.test('an iterator shows what was there when it was made', ({ mp }) => {
    const map = new mp.SharedMap<string, number>([
      ['a', 1],
      ['b', 2],
    ])
    const [keys, values, entries] = [map.keys(), map.values(), map.entries()]
    map.set('a', 9).set('c', 3).delete('b')
    expect([[...keys], [...values], [...entries]]).toEqual([
      ['a', 'b'],
      [1, 2],
      [
        ['a', 1],
        ['b', 2],
      ],
    ])
    for (const [key] of map) map.delete(key)
    expect(map.size).toBe(0)
  })

  suite.test('what it is made of must be pairs', ({ mp }) => {
    expect([new mp.SharedMap().size, new mp.SharedMap(null).size, new mp.SharedMap(new Map([['a', 1]])).get('a')]).toEqual([
      0, 0, 1,
    ])
    for (const wrong of [5, 'text', {}, [1], ['ab'], [null], true]) {
      expect(
        thrownAtOnce(() => new mp.SharedMap(wrong as never)),
        inspect(wrong),
      ).toBeInstanceOf(TypeError)
    }
  })

  suite.test('it is a class of the context, and console.log shows its content', ({ mp }) => {
    const map = new mp.SharedMap([['a', { x: 1 }]])
    expect(map instanceof mp.SharedMap).toBe(true)
    expect(inspect(map)).toBe("SharedMap Map(1) { 'a' => { x: 1 } }")
    expect(thrownAtOnce(() => (mp.SharedMap as unknown as () => void)())).toBeInstanceOf(TypeError)
  })
}
