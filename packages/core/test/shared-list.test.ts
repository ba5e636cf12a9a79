import { describe, expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { ResourceError } from '../src/errors.js'
import { SharedList } from '../src/shared/shared-list.js'
import { SHARE } from '../src/wire/shareable.js'
import { arrive, dyingIn } from './support/collections.js'
import { dyingAtEachStep } from './support/death.js'
import { TestFamily } from './support/test-family.js'

const make = (agent: Agent, items: readonly unknown[] = []) => SharedList.create<unknown>(agent, items)
const numbered = (count: number): unknown[] => Array.from({ length: count }, (_, n) => (n % 2 === 0 ? n : { n }))

describe('the store', () => {
  test('does what an Array does, through growing and shrinking', () => {
    const { first } = new TestFamily()
    const [list, model] = [make(first), [] as unknown[]]
    let seed = 11
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const items = [
      0,
      -1,
      2 ** 30 - 1,
      2 ** 30,
      -(2 ** 30),
      -(2 ** 30) - 1,
      2 ** 31 - 1,
      -0,
      0.5,
      'text',
      undefined,
      null,
      { a: [1] },
    ]
    for (let step = 0; step < 10_000; step++) {
      const filling = Math.floor(step / 1_000) % 2 === 0
      const [roll, item, at] = [random(12), items[random(items.length)], random(model.length)]
      if (roll < (filling ? 5 : 1)) expect(list.push(item)).toBe(model.push(item))
      else if (roll < 6) expect(list.pop()).toEqual(model.pop())
      else if (roll < 8 && filling) {
        list.insert(at, item, step)
        model.splice(at, 0, item, step)
      } else if (model.length === 0) expect([list.length, list.get(0)]).toEqual([0, undefined])
      else if (roll < 9) expect(list.delete(at)).toEqual(model.splice(at, 1)[0])
      else if (roll < 10) {
        list.set(at, step)
        model[at] = step
      } else expect(list.get(at)).toEqual(model[at])
      if (step % 250 === 0) expect([...list]).toEqual(model)
      expect(list.length).toBe(model.length)
    }
    while (list.length > 0) list.pop()
    // Itself, and the smallest store.
    expect(first.heap.usage().blocks).toBe(2)
    list.clear()
    expect(first.heap.usage().blocks).toBe(1)
  })

  test('small integers take no block of their own, and keep their sign', () => {
    const { first } = new TestFamily()
    const list = make(first, [0, 1, -1, 2 ** 30 - 1, -(2 ** 30)])
    expect(first.heap.usage().blocks).toBe(2)
    list.push(-0, 2 ** 30, Number.NaN)
    expect(first.heap.usage().blocks).toBe(5)
    expect([...list]).toEqual([0, 1, -1, 2 ** 30 - 1, -(2 ** 30), -0, 2 ** 30, Number.NaN])
  })
})

describe('an agent that dies, at whatever step, in', () => {
  const acts: Record<string, { readonly items: number; readonly act: (list: SharedList) => void }> = {
    'pushing the first item': { items: 0, act: (list) => void list.push([1]) },
    'pushing two items': { items: 3, act: (list) => void list.push([1], [2]) },
    'pushing an item for which the store must grow': { items: 12, act: (list) => void list.push([1]) },
    popping: { items: 4, act: (list) => void list.pop() },
    'popping after which the store shrinks': { items: 7, act: (list) => void list.pop() },
    'setting an item': { items: 4, act: (list) => list.set(1, [1]) },
    'updating an item': { items: 4, act: (list) => void list.update(1, () => [1]) },
    inserting: { items: 4, act: (list) => list.insert(1, [1], [2]) },
    deleting: { items: 4, act: (list) => void list.delete(1) },
    clearing: { items: 4, act: (list) => list.clear() },
    'looking at all of it': { items: 4, act: (list) => void [...list] },
  }

  test.each(Object.entries(acts))('%s', (name, { items, act }) => {
    const fill = (agent: Agent) => {
      const list = make(agent, numbered(name.includes('shrinks') ? 20 : items))
      while (list.length > items) list.pop()
      return list
    }
    const model = fill(new TestFamily().first)
    act(model)
    dyingAtEachStep((step) =>
      dyingIn(step, {
        make: fill,
        act,
        look: (list) => [list.length, [...list]],
        before: [items, numbered(items)],
        after: [model.length, [...model]],
        goOn: (list) => {
          const { length } = list
          for (let n = 0; n < 20; n++) list.push({ n })
          expect([list.length, list.get(length + 19)]).toEqual([length + 20, { n: 19 }])
        },
      }),
    )
  })
})

test('an object in it lives as long as it is there, and a list in itself goes when nobody has it', () => {
  const family = new TestFamily()
  const { first } = family
  const list = make(first)
  list.push(list, [list])
  const other = family.join()
  const theirs = arrive(list, other)
  expect([list.get(0) === list, theirs.pop()]).toEqual([true, [theirs]])
  for (const agent of [first, other]) agent.ledger.release(list[SHARE]().id)
  first.collectGarbage()
  expect(first.heap.usage().blocks).toBe(0)
})

test('where there is no more memory a push is refused whole', () => {
  const family = new TestFamily()
  const list = make(family.first, numbered(3))
  family.memory.limit = family.memory.size()
  const blocks = family.first.heap.usage().blocks
  const many = Array.from({ length: 200 }, () => new Uint8Array(30_000))
  expect(() => list.push(...many)).toThrow(ResourceError)
  expect([[...list], family.first.heap.usage().blocks]).toEqual([numbered(3), blocks])
})
