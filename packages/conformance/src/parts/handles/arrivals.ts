import type { SharedArray } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { makeArray, relay, sendOrphan, setLast } from '../../workers/sharing.js'

const MIB = 2 ** 20

/** Objects that come to agents which have never seen the memory they lie in. */
export function arrivals(suite: Suite): void {
  suite.test('to an agent blocked in a sync get, in memory that came into being meanwhile', async ({ mp, within }) => {
    const timeout = within(20_000)
    const [queue, answers] = [new mp.Queue<SharedArray<'uint8'>>(), new mp.Queue<number>()]
    const receiver = new mp.Process({ target: setLast, args: [queue, answers, 4] }).start()
    expect(answers.getSync({ timeout })).toBe(0)
    for (const bytes of [1, 3 * MIB, 40 * MIB, 200 * MIB]) {
      const array = new mp.Array('uint8', bytes)
      queue.putSync(array)
      expect(answers.getSync({ timeout })).toBe(bytes)
      expect([array[0], array[bytes - 1]]).toEqual([bytes === 1 ? 99 : 0, 99])
    }
    expect(await receiver.join()).toBe(0)
  })

  suite.test('made by a third agent, which is gone', async ({ mp }) => {
    const [queue, answers] = [new mp.Queue<SharedArray<'uint8'>>(), new mp.Queue<number>()]
    const receiver = new mp.Process({ target: setLast, args: [queue, answers, 2] }).start()
    expect(await answers.get()).toBe(0)
    for (const bytes of [5, 30 * MIB]) {
      expect(await new mp.Process({ target: makeArray, args: [mp.backend.name, queue, bytes] }).start().join()).toBe(0)
      expect(await answers.get()).toBe(bytes)
    }
    expect(await receiver.join()).toBe(0)
  })

  suite.test('passed on from agent to agent, all of which are gone', async ({ mp }) => {
    const queues = Array.from({ length: 4 }, () => new mp.Queue<unknown>())
    const [first, , , last] = queues as [(typeof queues)[0], unknown, unknown, (typeof queues)[0]]
    const hops = [1, 2, 3].map((n) => {
      const args: Parameters<typeof relay> = [queues[n - 1] as typeof first, queues[n] as typeof first]
      return new mp.Process({ target: relay, args }).start()
    })
    expect(await new mp.Process({ target: sendOrphan, args: [mp.backend.name, first] }).start().join()).toBe(0)
    expect(await Promise.all(hops.map((one) => one.join()))).toEqual([0, 0, 0])
    const { value, array, inner } = (await last.get()) as { value: { value: number }; array: number[]; inner: typeof last }
    expect([value.value, [...array], inner.size]).toEqual([42, [2, 3], 1])
    expect((await inner.get()) === value).toBe(true)
  })
}
