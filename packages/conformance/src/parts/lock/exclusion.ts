import type { Context, Process, SharedArray } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { count, countInFlows } from '../../workers/locking.js'

/** Several agents, one counter that is not atomic, and a flag that says whether somebody is inside. */
export function exclusion(suite: Suite): void {
  for (const form of formsOf(suite.capabilities)) {
    suite.test(`four agents, one at a time (${form})`, async ({ mp }) => {
      const times = form === 'sync' ? 20_000 : 2_000
      const seen = await counted(mp, [form, form, form, form], times)
      expect([...seen]).toEqual([4 * times, 0, 0])
    })
  }

  suite.test('sync and async waiters mixed, and this agent among them', async ({ mp }) => {
    const seen = new mp.Array('int32', 3, { lock: false })
    const lock = new mp.Lock()
    const forms = formsOf(suite.capabilities)
    const agents = [...forms, ...forms].map((form) => new mp.Process({ target: count, args: [lock, seen, 2_000, form] }).start())
    await countInFlows(lock, seen, 10, 100)
    expect(await exitCodes(agents)).toEqual(agents.map(() => 0))
    expect([...seen]).toEqual([agents.length * 2_000 + 10 * 100, 0, 0])
  })

  suite.test('many flows of one agent, against those of another', async ({ mp }) => {
    const seen = new mp.Array('int32', 3, { lock: false })
    const lock = new mp.Lock()
    const other = new mp.Process({ target: countInFlows, args: [lock, seen, 50, 40] }).start()
    await countInFlows(lock, seen, 50, 40)
    expect(await other.join()).toBe(0)
    expect([...seen]).toEqual([2 * 50 * 40, 0, 0])
  })

  suite.test('a flow of this agent waits for another, in the order in which they came', async ({ mp }) => {
    const lock = new mp.Lock()
    const first = await lock.acquire()
    const order: number[] = []
    const rest = [1, 2, 3, 4].map((n) => lock.runExclusive(() => order.push(n)))
    expect(mp.usage().waits).toBe(4)
    first.release()
    await Promise.all(rest)
    expect(order).toEqual([1, 2, 3, 4])
  })
}

async function counted(mp: Context, forms: readonly Form[], times: number): Promise<SharedArray<'int32'>> {
  const seen = new mp.Array('int32', 3, { lock: false })
  const lock = new mp.Lock()
  const agents = forms.map((form) => new mp.Process({ target: count, args: [lock, seen, times, form] }).start())
  expect(await exitCodes(agents)).toEqual(forms.map(() => 0))
  expect(lock.locked).toBe(false)
  return seen
}

function exitCodes(processes: readonly Process[]): Promise<number[]> {
  return Promise.all(processes.map((one) => one.join()))
}
