import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { inTime, turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown } from '../../support/thrown.js'
import { takeAll } from '../../workers/waiting-for.js'

/** Who only waits takes no wake-up from those who get. */
export function bystanders(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('a get behind a wait, in the same process', async ({ mp, within }) => {
    const queue = new mp.Queue<number>()
    for (let n = 0; n < 50; n++) {
      const waiting = mp.wait([queue, new mp.Queue()])
      const got = queue.get()
      const late = mp.wait([queue], { timeout: 2 ** 40 })
      await turns()
      await queue.put(n)
      expect(await inTime(got, within(5_000), 'the get beside a wait')).toBe(n)
      await queue.put(-1)
      expect(
        (await inTime(Promise.all([waiting, late]), within(5_000), 'the waits beside a get')).map((one) => one.length),
      ).toEqual([1, 1])
      expect(queue.tryGet()).toBe(-1)
    }
  })

  suite.test('a wait that times out or is aborted beside a get leaves it its item', async ({ mp, within }) => {
    const queue = new mp.Queue<number>()
    const got = queue.get()
    const control = new AbortController()
    const aborted = thrown(() => mp.wait([queue], { signal: control.signal }))
    expect(await mp.wait([queue], { timeout: 5 })).toEqual([])
    control.abort('enough')
    expect(await aborted).toBe('enough')
    await queue.put(1)
    expect(await inTime(got, within(5_000), 'the get')).toBe(1)
  })

  for (const form of forms) {
    suite.test(`gets in other processes beside many waits here (${form})`, async ({ mp, within, until }) => {
      const queue = new mp.Queue<number>()
      const [taken, asked] = [new mp.Value('int32', 0), new mp.Value('int32', 0)]
      const takers = [1, 2].map(() => new mp.Process({ target: takeAll, args: [queue, taken, asked, form] }).start())
      await until(() => asked.value === 2, 'the start of the takers')
      const control = new AbortController()
      const waits: Promise<unknown>[] = []
      for (let n = 1; n <= 500; n++) {
        waits.push(mp.wait([queue, ...takers], { signal: control.signal }).catch(() => {}))
        queue.tryPut(n)
        if (n % 50 === 0)
          await inTime(
            until(() => taken.value === n, 'the gets'),
            within(10_000),
            'the gets beside waits',
          )
      }
      control.abort()
      await Promise.all(waits)
      queue.tryPut(-1)
      queue.tryPut(-1)
      await allEndWell(takers)
      expect([taken.value, queue.size]).toEqual([500, 0])
    })
  }
}
