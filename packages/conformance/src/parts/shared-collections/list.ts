import { inspect } from 'node:util'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { randomFrom } from '../../support/random.js'
import { thrownAtOnce } from '../../support/thrown.js'

/** What one agent sees. */
export function list(suite: Suite): void {
  suite.test('push, pop, get, set, insert, delete, length and clear', ({ mp }) => {
    const list = new mp.SharedList<unknown>()
    expect([list.length, list.get(0), list.pop(), list.push()]).toEqual([0, undefined, undefined, 0])
    expect([list.push('a'), list.push('b', 3), list.length]).toEqual([1, 3, 3])
    list.set(1, { b: 2 })
    list.insert(0, 'first', -0)
    list.insert(5, 'last')
    list.insert(2)
    expect([...list]).toEqual(['first', -0, 'a', { b: 2 }, 3, 'last'])
    expect([list.delete(0), list.delete(2), list.delete(3), list.pop()]).toEqual(['first', { b: 2 }, 'last', 3])
    expect([list.get(0), list.get(1), list.get(2)]).toEqual([-0, 'a', undefined])
    list.clear()
    list.clear()
    expect([list.length, [...list]]).toEqual([0, []])
    list.push(undefined)
    expect([list.length, list.get(0)]).toEqual([1, undefined])
  })

  suite.test('it agrees with an Array after thousands of random operations', ({ mp }) => {
    const [list, model, random] = [new mp.SharedList<unknown>(), [] as unknown[], randomFrom(5)]
    for (let n = 0; n < 5_000; n++) {
      const at = Math.floor(random() * model.length)
      const item = random() < 0.5 ? n : { n }
      const roll = random() + (n < 2_500 ? 0 : 0.25)
      if (roll < 0.5) expect(list.push(item)).toBe(model.push(item))
      else if (roll < 0.7) {
        list.insert(at, item)
        model.splice(at, 0, item)
      } else if (model.length === 0) expect(list.pop()).toBeUndefined()
      else if (roll < 0.8) {
        list.set(at, item)
        model[at] = item
      } else if (roll < 1) expect(list.pop()).toEqual(model.pop())
      else expect(list.delete(at)).toEqual(model.splice(at, 1)[0])
      expect(list.length).toBe(model.length)
    }
    expect([...list]).toEqual(model)
  })

  suite.test('outside of it get gives undefined; set, update, delete and insert are a RangeError', ({ mp }) => {
    const list = new mp.SharedList([1, 2])
    expect([list.get(2), list.get(1_000_000)]).toEqual([undefined, undefined])
    const uses = [
      () => list.set(2, 0),
      () => list.update(2, () => 0),
      () => list.delete(2),
      () => list.insert(3, 0),
      () => list.insert(2 ** 40, 0),
    ]
    for (const use of uses) expect(thrownAtOnce(use)).toBeInstanceOf(RangeError)
    expect([...list]).toEqual([1, 2])
  })

  suite.test('what is no whole number from 0 is a TypeError', ({ mp }) => {
    const list = new mp.SharedList([1, 2])
    for (const index of [-1, 0.5, Number.NaN, '0', null, undefined, 1n, Number.POSITIVE_INFINITY] as never[]) {
      const uses = [
        () => list.get(index),
        () => list.set(index, 0),
        () => list.update(index, () => 0),
        () => list.delete(index),
        () => list.insert(index, 0),
      ]
      for (const use of uses) expect(thrownAtOnce(use), String(index)).toBeInstanceOf(TypeError)
    }
    expect([...list]).toEqual([1, 2])
  })

  suite.test('slice is that of an Array', ({ mp }) => {
    const model = [0, 'one', { two: 2 }, 3.5, [4]]
    const list = new mp.SharedList<unknown>(model)
    for (const args of [[], [1], [-2], [1, 3], [0, -1], [3, 1], [-100, 100], [9], [undefined, 2], [1.7, 3.2]] as [
      number?,
      number?,
    ][]) {
      expect(list.slice(...args), inspect(args)).toEqual(model.slice(...args))
    }
  })

  suite.test('an iterator shows what was there when it was made', ({ mp }) => {
    const list = new mp.SharedList<unknown>([1, 'two', 3])
    const [items, values] = [list[Symbol.iterator](), list.values()]
    list.set(1, 2)
    list.delete(0)
    list.push(4)
    expect([[...items], [...values], [...list]]).toEqual([
      [1, 'two', 3],
      [1, 'two', 3],
      [2, 3, 4],
    ])
    for (const item of list) list.push(item)
    expect(list.length).toBe(6)
  })

  suite.test('what it is made of must be iterable', ({ mp }) => {
    expect([new mp.SharedList().length, new mp.SharedList(null).length, new mp.SharedList(new Set([1, 2])).length]).toEqual([
      0, 0, 2,
    ])
    for (const wrong of [5, 'text', {}, true]) {
      expect(
        thrownAtOnce(() => new mp.SharedList(wrong as never)),
        inspect(wrong),
      ).toBeInstanceOf(TypeError)
    }
  })

  suite.test('it is a class of the context, and console.log shows its content', ({ mp }) => {
    const list = new mp.SharedList([1, { x: 1 }])
    expect(list instanceof mp.SharedList).toBe(true)
    expect(inspect(list)).toBe('SharedList [ 1, { x: 1 } ]')
  })
}
