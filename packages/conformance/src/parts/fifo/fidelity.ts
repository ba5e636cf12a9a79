import { deepStrictEqual } from 'node:assert'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { kinds, shared } from '../../support/items.js'
import { allEndWell } from '../../support/processes.js'
import { expectSame } from '../../support/same.js'
import { echo } from '../../workers/queue-traffic.js'

/** Every kind of data that travels arrives as it was: from this process to itself, and there and back through another. */
export function fidelity(suite: Suite): void {
  suite.test('every kind of data arrives as it was in the same process', async ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    for (const [kind, make] of Object.entries(kinds)) {
      const item = make()
      await queue.put(item)
      const arrived = await queue.get()
      expectSame(arrived, make(), kind)
      if (typeof item === 'object' && item !== null) expect(arrived === item, `${kind} is a copy`).toBe(false)
    }
  })

  suite.test('every kind of data arrives as it was from another process', async ({ mp }) => {
    const [there, back] = [new mp.Queue<unknown>(), new mp.Queue<unknown>()]
    const other = new mp.Process({ target: echo, args: [there, back] }).start()
    for (const make of Object.values(kinds)) await there.put(make())
    there.shutdown()
    for (const [kind, make] of Object.entries(kinds)) expectSame(await back.get(), make(), kind)
    await allEndWell([other])
  })

  suite.test('what is the same object stays the same object', async ({ mp }) => {
    const [there, back] = [new mp.Queue<unknown>(), new mp.Queue<unknown>()]
    const other = new mp.Process({ target: echo, args: [there, back] }).start()
    for (const [what, { make, holds }] of Object.entries(shared)) {
      await there.put(make())
      expect(holds((await back.get()) as never), what).toBe(true)
    }
    there.shutdown()
    await allEndWell([other])
  })

  suite.test('the item is what it was at the put', async ({ mp }) => {
    const queue = new mp.Queue<{ n: number; bytes: Uint8Array }>()
    const item = { n: 1, bytes: Uint8Array.of(1) }
    await queue.put(item)
    item.n = 2
    item.bytes[0] = 2
    expect(await queue.get()).toEqual({ n: 1, bytes: Uint8Array.of(1) })
  })

  suite.test('a put that waits puts the item as it was at the call', async ({ mp }) => {
    const queue = new mp.Queue<unknown>(1)
    await queue.put('first')
    const item = { n: 1, bytes: new Uint8Array(50_000).fill(1) }
    const put = queue.put(item)
    item.n = 2
    item.bytes.fill(2)
    await queue.get()
    await put
    const { n, bytes } = (await queue.get()) as typeof item
    expect([n, bytes[0], bytes[49_999]]).toEqual([1, 1, 1])
  })

  suite.test('class instances arrive as plain objects of their own enumerable properties', async ({ mp }) => {
    class Point {
      x = 1
      #hidden = 2
      get sum() {
        return this.x + this.#hidden
      }
    }
    class Points extends Array<Point> {}
    const queue = new mp.Queue<unknown>()
    await queue.put({ point: new Point(), hidden: Object.defineProperty({ seen: 1 }, 'unseen', { value: 2 }) })
    const arrived = (await queue.get()) as { point: object; hidden: object }
    deepStrictEqual(arrived, { point: { x: 1 }, hidden: { seen: 1 } })
    await queue.put(Points.of(new Point()))
    deepStrictEqual(await queue.get(), [{ x: 1 }])
  })

  suite.test('objects without a prototype, frozen ones and getters arrive as plain data', async ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    const bare = Object.assign(Object.create(null), { a: 1 })
    const computed = {
      get twice() {
        return 2
      },
    }
    await queue.put([bare, Object.freeze({ b: 2 }), computed])
    const [first, second, third] = (await queue.get()) as [object, { b: number }, object]
    expect([{ ...first }, second, third]).toEqual([{ a: 1 }, { b: 2 }, { twice: 2 }])
    expect(Object.isFrozen(second)).toBe(false)
  })

  suite.test('an error that was caught is an item like any other', async ({ mp }) => {
    const queue = new mp.Queue<Error>()
    const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' })
    const error = Object.assign(new RangeError('outer', { cause }), { code: 'E_OUTER', at: { line: 3 } })
    await queue.put(error)
    const arrived = await queue.get()
    expect(arrived).toBeInstanceOf(RangeError)
    expect(arrived).toMatchObject({ name: 'RangeError', message: 'outer', code: 'E_OUTER', at: { line: 3 } })
    expect(arrived.cause).toBeInstanceOf(TypeError)
    expect(arrived.cause).toMatchObject({ message: 'inner', code: 'E_INNER' })
    expect(arrived.stack).toContain(error.stack)
  })

  suite.test('handles within items are the same shared objects', async ({ mp }) => {
    const [there, back] = [new mp.Queue<unknown>(), new mp.Queue<unknown>()]
    const other = new mp.Process({ target: echo, args: [there, back] }).start()
    const value = new mp.Value('int32', 5)
    const array = new mp.Array('float64', [1, 2, 3])
    const queue = new mp.Queue<string>()
    await there.put({ list: [value], map: new Map([['array', array]]), set: new Set([queue]) })
    const again = (await back.get()) as { list: [typeof value]; map: Map<string, typeof array>; set: Set<typeof queue> }
    value.value = 6
    array[1] = 7
    queue.tryPut('through the other')
    expect(again.list[0].value).toBe(6)
    expect(again.map.get('array')?.[1]).toBe(7)
    expect([...again.set][0]?.tryGet()).toBe('through the other')
    there.shutdown()
    await allEndWell([other])
  })
}
