import { type Context, type SharedArray, StateError, type Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite, Tools } from '../suite.js'
import { thrown, thrownAtOnce } from '../support/thrown.js'
import { addInTurn, addLocked, addPlainly, addToElement, addToElementLocked } from '../workers/counting.js'

const TIMES = 100_000

/** Two processes change one number: without exclusion updates are lost, with it none is. */
export function race(suite: Suite): void {
  suite.test('value.value++ by two processes loses updates', (tools) =>
    losesUpdates(tools, () => valueTotal(tools.mp, addPlainly)),
  )

  suite.test('an Array element += 1 by two processes loses updates', (tools) =>
    losesUpdates(tools, () => elementTotal(tools.mp, addToElement)),
  )

  suite.test('value.runExclusiveSync loses none', async ({ mp }) => {
    expect(await valueTotal(mp, addLocked)).toBe(2 * TIMES)
  })

  suite.test('array.runExclusiveSync loses none', async ({ mp }) => {
    expect(await elementTotal(mp, addToElementLocked)).toBe(2 * TIMES)
  })

  suite.test('value.add loses none', async ({ mp }) => {
    expect(await valueTotal(mp, addInTurn)).toBe(2 * TIMES)
  })

  suite.test('value.add loses none on a float, where the platform has no atomic addition', async ({ mp }) => {
    expect(await valueTotal(mp, addInTurn, TIMES, new mp.Value('float64', 0))).toBe(2 * TIMES)
  })

  suite.test('a Value without a lock of its own is guarded by one that is given', async ({ mp }) => {
    const lock = new mp.Lock()
    const value = new mp.Value('int32', 0, { lock })
    expect(value.lock).toBe(lock)
    expect(await valueTotal(mp, addLocked, TIMES, value)).toBe(2 * TIMES)
  })

  suite.test('without any lock, lock is undefined and exclusion a StateError', async ({ mp }) => {
    for (const bare of [new mp.Value('int32', 0, { lock: false }), new mp.Array('int32', 3, { lock: false })]) {
      let ran = false
      const run = () => {
        ran = true
      }
      expect(bare.lock).toBeUndefined()
      expect(thrownAtOnce(() => bare.runExclusiveSync(run))).toBeInstanceOf(StateError)
      expect(await thrown(() => bare.runExclusive(run))).toBeInstanceOf(StateError)
      expect(ran).toBe(false)
    }
  })
}

type Adder = (value: Value, arrived: Value, times: number) => void
type ElementAdder = (array: SharedArray<'int32'>, arrived: Value, times: number, index: number) => void

/** What two processes that add 1 `times` times each come to. */
async function valueTotal(mp: Context, target: Adder, times = TIMES, value: Value = new mp.Value('int32', 0)): Promise<number> {
  const arrived = new mp.Value('int32', 0)
  const two = [1, 2].map(() => new mp.Process({ target, args: [value, arrived, times] }).start())
  expect(await Promise.all(two.map((one) => one.join()))).toEqual([0, 0])
  return value.value
}

async function elementTotal(mp: Context, target: ElementAdder, times = TIMES): Promise<number> {
  const array = new mp.Array('int32', 5)
  const arrived = new mp.Value('int32', 0)
  const two = [1, 2].map(() => new mp.Process({ target, args: [array, arrived, times, 3] }).start())
  expect(await Promise.all(two.map((one) => one.join()))).toEqual([0, 0])
  const total = array[3] as number
  expect([...array], 'its neighbours are left alone').toEqual([0, 0, 0, total, 0])
  return total
}

/**
 * Whether an update is lost is up to the scheduler, so it is tried until one is; for longer each time, because on a single CPU one of the two may be done
 * before the other has its first turn.
 */
async function losesUpdates({ within }: Tools, total: (times: number) => Promise<number>): Promise<void> {
  const deadline = performance.now() + within(30_000)
  for (let times = TIMES; (await total(times)) >= 2 * times; times = Math.min(2 * times, 64 * TIMES)) {
    expect(performance.now(), 'two processes never lost an update: do they run at the same time?').toBeLessThan(deadline)
  }
}
