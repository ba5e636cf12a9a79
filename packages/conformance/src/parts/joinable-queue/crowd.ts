import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { doTasks, joinAndTell, putTasks } from '../../workers/joining.js'

const AGENTS = 16
const ITEMS = 100_000

/** Many producers and consumers: the count does not drift, and nobody who waits for it is forgotten. */
export function crowd(suite: Suite): void {
  const forms = formsOf(suite.capabilities)
  const form = (n: number) => forms[n % forms.length] as (typeof forms)[number]

  suite.test(`${AGENTS} processes, ${ITEMS} items: all done when join says so`, async ({ mp }) => {
    const queue = new mp.JoinableQueue<number>(1_000)
    const [put, got, done, asked] = [1, 2, 3, 4].map(() => new mp.Value('int32', 0)) as [never, never, never, never]
    const total: { readonly value: number } = done
    const [report, each] = [new mp.Queue<unknown>(), ITEMS / (AGENTS / 2)]
    const producers = Array.from({ length: AGENTS / 2 }, (_, n) =>
      new mp.Process({ target: putTasks, args: [queue, each, put, form(n)] }).start(),
    )
    const consumers = Array.from({ length: AGENTS / 2 }, (_, n) =>
      new mp.Process({ target: doTasks, args: [queue, got, done, form(n)] }).start(),
    )
    await allEndWell(producers)
    const joiners = forms.map((one) => new mp.Process({ target: joinAndTell, args: [queue, done, asked, report, one] }).start())
    await queue.join()
    expect(total.value).toBe(ITEMS)
    await allEndWell(joiners)
    expect(joiners.map(() => report.tryGet())).toEqual(joiners.map(() => ITEMS))
    queue.shutdown()
    await allEndWell(consumers)
    expect(() => queue.taskDone()).toThrow(RangeError)
  })
}
