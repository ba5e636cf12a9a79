import { createContext, NotCloneableError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'

/** What does not travel. */
export function refusals(suite: Suite): void {
  suite.test('a Process and a Pool cannot travel: a NotCloneableError at the call, with the path', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const one = new mp.Process({ target: () => {} })
    const queue = new mp.Queue<unknown>(1)
    for (const thing of [one, pool]) {
      const target = (_: unknown) => {}
      expectRefused(
        thrownAtOnce(() => new mp.Process({ target, args: [thing] }).start()),
        'args[0]',
      )
      expectRefused(
        thrownAtOnce(() => new mp.Process({ target, args: [{ deep: [thing] }] }).start()),
        'args[0].deep[0]',
      )
      expectRefused(await thrown(() => pool.apply(target, [[thing]])), 'args[0][0]')
      expectRefused(await thrown(() => pool.map(target, [1, thing])), 'items[1]')
      expectRefused(
        thrownAtOnce(() => queue.put({ thing })),
        'item.thing',
      )
      expectRefused(
        thrownAtOnce(() => queue.putSync(thing)),
        'item',
      )
      expectRefused(
        thrownAtOnce(() => queue.tryPut([thing])),
        'item[0]',
      )
      expect(queue.size).toBe(0)
    }
    expect(mp.activeChildren()).toEqual([])
    queue.putSync('still works')
    expect(await pool.apply((n: number) => n, [5])).toBe(5)
  })

  suite.test('a lock of another context is no lock of a Value, an Array or a Condition', async ({ mp }) => {
    await using other = createContext(mp.backend)
    await using closed = createContext(mp.backend)
    const locks = [new other.Lock(), new other.RLock(), new other.Value('int32').lock, new closed.Lock()]
    await closed.close()
    const before = mp.usage().blocks
    for (const lock of locks) {
      for (const make of [
        () => new mp.Value('int32', 0, { lock }),
        () => new mp.Array('int32', 4, { lock }),
        () => new mp.Condition(lock),
      ]) {
        expect(make).toThrow(TypeError)
        expect(make).toThrow(/another context/)
      }
    }
    expect(mp.usage().blocks).toBe(before)
  })

  suite.test('objects of another context cannot travel', async ({ mp }) => {
    await using other = createContext(mp.backend)
    const queue = new mp.Queue<unknown>()
    const array = new other.Array('int8', 3)
    const value = new other.Value('int8')
    for (const thing of [value, array, array.subarray(1), new other.Lock(), new other.RLock(), value.lock, new other.Queue()]) {
      expectRefused(
        thrownAtOnce(() => queue.put({ thing })),
        'item.thing',
      )
      expectRefused(
        thrownAtOnce(() => new mp.Process({ target: (_: unknown) => {}, args: [thing] }).start()),
        'args[0]',
      )
    }
    expect(queue.size).toBe(0)
  })
}

function expectRefused(error: unknown, path: string): void {
  expect(error).toMatchObject({ constructor: NotCloneableError, code: 'MP_NOT_CLONEABLE', path })
  expect((error as Error).message).toContain(path)
}
