import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { type Buffer, consume, produce } from '../../workers/conditions.js'

const AGENTS = 16
/** Puts and gets, of all agents together. */
const OPERATIONS = 100_000

/** Many agents that notify each other. */
export function traffic(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test(
    `a bounded buffer, ${AGENTS} agents, ${OPERATIONS} operations: nothing is lost, nobody is left waiting`,
    async ({ mp }) => {
      const lock = new mp.Lock()
      const size = 64
      const buffer: Buffer = {
        cells: new mp.Array('int32', 2 + size, { lock: false }),
        notEmpty: new mp.Condition(lock),
        notFull: new mp.Condition(lock),
      }
      const pairs = AGENTS / 2
      const each = OPERATIONS / AGENTS
      const marks = new mp.Array('uint8', pairs * each, { lock: false })
      const agents = Array.from({ length: pairs }, (_, n) => {
        const form = forms[n % forms.length] ?? 'async'
        const other = forms[(n >> 1) % forms.length] ?? 'async'
        return [
          new mp.Process({ target: produce, args: [buffer, n * each, each, form] }).start(),
          new mp.Process({ target: consume, args: [buffer, marks, each, other] }).start(),
        ]
      }).flat()
      await allEndWell(agents)
      expect(marks.every((mark) => mark === 1)).toBe(true)
      expect([buffer.cells[0], lock.locked]).toEqual([0, false])
    },
  )
}
