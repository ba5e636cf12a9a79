import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { echoBack, markNumbers, sendNumbers } from '../../workers/pipe-ends.js'

const SENDERS = 8
const RECEIVERS = 8
const MESSAGES = 100_000

/** Many at each end. */
export function traffic(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test(
    `${SENDERS} senders, ${RECEIVERS} receivers, ${MESSAGES} messages: each arrives once, none overtakes`,
    async ({ mp }) => {
      const [inlet, outlet] = mp.Pipe<[from: number, n: number]>()
      // The first sender may have sent all and ended before another one has begun. As long as this process uses the end, too, that does not close it.
      await inlet.poll()
      const marks = new mp.Array('uint8', MESSAGES)
      const wrong = new mp.Value('int32', 0)
      const each = MESSAGES / SENDERS
      const form = (n: number) => forms[n % forms.length] as (typeof forms)[number]
      const receivers = Array.from({ length: RECEIVERS }, (_, n) =>
        new mp.Process({ target: markNumbers, args: [outlet, marks, each, wrong, form(n)] }).start(),
      )
      const senders = Array.from({ length: SENDERS }, (_, n) =>
        new mp.Process({ target: sendNumbers, args: [inlet, n, each, form(n)] }).start(),
      )
      await allEndWell(senders)
      inlet.close()
      await allEndWell(receivers)
      expect(marks.filter((mark) => mark !== 1).length, 'lost or doubled').toBe(0)
      expect(wrong.value, 'overtaken').toBe(0)
    },
  )

  for (const form of forms) {
    suite.test(`ping-pong of two processes ends where it should (${form})`, async ({ mp }) => {
      const [here, there] = mp.Pipe<number>()
      const other = new mp.Process({ target: echoBack, args: [there, form] }).start()
      for (let n = 0; n < 5_000; n++) {
        if (form === 'sync') here.sendSync(n)
        else await here.send(n)
        const back = form === 'sync' ? here.recvSync() : await here.recv()
        if (back !== n) expect(back).toBe(n)
      }
      here.close()
      await allEndWell([other])
    })
  }
}
