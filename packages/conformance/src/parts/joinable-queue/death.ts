import type { JoinableQueue, Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { inTime, until } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { thrown } from '../../support/thrown.js'
import { doTasks, keepOne, putTasks } from '../../workers/joining.js'

const KILLS = 8
const PLENTY = 1_000_000

/** No death leaves the count of unfinished items wrong. */
export function death(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('who dies with an item in hand leaves it unfinished, and nothing else', async ({ mp, until }) => {
    const queue = new mp.JoinableQueue<number>()
    const [got, never] = [new mp.Value('int32', 0), new mp.Queue()]
    for (let n = 0; n < 3; n++) queue.tryPut(n)
    const victims = [1, 2].map(() => new mp.Process({ target: keepOne, args: [queue, got, never] }).start())
    await until(() => got.value === 2, 'the gets')
    const joined = queue.join()
    for (const victim of victims) victim.kill()
    await Promise.all(victims.map((victim) => victim.join()))
    expect(queue.tryGet()).toBe(2)
    queue.taskDone()
    expect(await thrown(() => queue.join({ timeout: 5 }))).toMatchObject({ code: 'MP_TIMEOUT' })
    queue.taskDone()
    queue.taskDone()
    await joined
    expect(() => queue.taskDone()).toThrow(RangeError)
  })

  for (const form of forms) {
    suite.test(`producers killed in the middle of their work: every item counts once (${form})`, async ({ mp, within }) => {
      const queue = new mp.JoinableQueue<number>()
      const random = randomFrom(3)
      for (let n = 0; n < KILLS; n++) {
        const put = new mp.Value('int32', 0)
        const victim = new mp.Process({ target: putTasks, args: [queue, PLENTY, put, form] }).start()
        const enough = 1 + Math.floor(random() * 200)
        await until(() => put.value >= enough, within(20_000), 'some puts')
        victim.kill()
        await victim.join()
      }
      for (let left = queue.size; left > 0; left--) {
        queue.tryGet()
        queue.taskDone()
      }
      await queue.join({ timeout: 0 })
      expect(() => queue.taskDone()).toThrow(RangeError)
    })

    suite.test(
      `consumers killed in the middle of their work: at most what they held is owed (${form})`,
      async ({ mp, within }) => {
        const queue = new mp.JoinableQueue<number>(64)
        const put = new mp.Value('int32', 0)
        const items = 20_000
        const producer = new mp.Process({ target: putTasks, args: [queue, items, put, form] }).start()
        const random = randomFrom(5)
        const start = (got: Value) =>
          new mp.Process({ target: doTasks, args: [queue, got, new mp.Value('int32', 0), form] }).start()
        const survivor = start(new mp.Value('int32', 0))
        for (let n = 0; n < KILLS; n++) {
          const got = new mp.Value('int32', 0)
          const victim = start(got)
          const enough = 1 + Math.floor(random() * 100)
          await until(() => got.value >= enough || put.value === items, within(20_000), 'some gets')
          victim.kill()
          await victim.join()
        }
        await allEndWell([producer])
        queue.shutdown()
        await allEndWell([survivor])
        expect(owed(queue)).toBeLessThanOrEqual(KILLS)
        await inTime(queue.join(), within(5_000), 'a join with nothing owed')
      },
    )
  }
}

/** How many times `taskDone` can still be called. Calls them. */
function owed(queue: JoinableQueue<unknown>): number {
  for (let n = 0; ; n++) {
    try {
      queue.taskDone()
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
      return n
    }
  }
}
