import type { Context } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { compare, echo, type Twice } from '../../workers/sharing.js'

/** One shared object is one JavaScript object in each agent, however often it comes. */
export function identities(suite: Suite): void {
  suite.test('what comes again is the same object', async ({ mp }) => {
    const items = new mp.Queue<Twice>()
    const answers = new mp.Queue<boolean[]>()
    for (const object of [
      new mp.Value('int8'),
      new mp.Array('int8', 2),
      new mp.Lock(),
      new mp.RLock(),
      new mp.Queue(),
      ...queuesAndEnds(mp),
    ]) {
      const value = new mp.Value('float64', 0.5)
      const givenLock = new mp.Lock()
      const given = new mp.Value('int32', 0, { lock: givenLock })
      const twice: Twice = { first: object, second: object, value, lock: value.lock, given, givenLock }
      await items.put(twice)
      const one = new mp.Process({ target: compare, args: [twice, { ...twice }, items, answers] }).start()
      await items.put(twice)
      expect(await answers.get()).toEqual([true, true, true, true, true])
      expect(await one.join()).toBe(0)
    }
  })

  suite.test('what comes back is the object that was sent', async ({ mp }) => {
    const [there, back] = [new mp.Queue<object>(), new mp.Queue<object>()]
    const value = new mp.Value('int32', 1)
    const all = [
      value,
      value.lock as object,
      new mp.Array('int16', 3),
      new mp.Lock(),
      new mp.RLock(),
      new mp.Queue(),
      there,
      ...queuesAndEnds(mp),
    ]
    const other = new mp.Process({ target: echo, args: [there, back, all.length] }).start()
    for (const object of all) {
      await there.put({ object })
      expect(((await back.get()) as { object: object }).object === object).toBe(true)
    }
    expect(await other.join()).toBe(0)
  })

  suite.test('in its own agent, too', ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    const array = new mp.Array('int32', [1, 2, 3])
    queue.putSync([array, array.subarray(1), queue])
    const [same, part, self] = queue.getSync() as [typeof array, typeof array, typeof queue]
    expect([same === array, self === queue, [...part]]).toEqual([true, true, [2, 3]])
    part[0] = 9
    expect(array[1]).toBe(9)
  })

  suite.test('instanceof holds for what arrives', async ({ mp }) => {
    const queue = new mp.Queue<unknown[]>()
    queue.putSync([new mp.Value('int8'), new mp.Lock(), new mp.RLock(), new mp.Queue(), new mp.Array('float32', 1)])
    const [value, lock, rlock, inner, array] = queue.getSync()
    const kinds = [value instanceof mp.Value, lock instanceof mp.Lock, rlock instanceof mp.RLock, inner instanceof mp.Queue]
    expect([...kinds, array instanceof Float32Array]).toEqual([true, true, true, true, true])
  })
}

/** The other objects that messages go through. */
function queuesAndEnds(mp: Context): object[] {
  return [new mp.JoinableQueue(), new mp.SimpleQueue(), ...mp.Pipe(), ...mp.Pipe({ duplex: false })]
}
