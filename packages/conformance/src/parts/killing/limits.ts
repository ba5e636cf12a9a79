import { expect } from 'vitest'
import type { Suite } from '../../suite.js'

/** Where the system has no more to give: an error at the call, nothing kept of the attempt, and all is well when there is room again. */
export function limits(suite: Suite): void {
  suite.test('no more descriptors: start() throws, nothing of the attempt is kept, and a retry works', async ({ program }) => {
    const { code, signal, stdout, stderr } = await program('limited', { limits: ['-n 64'] })
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    const { refusals, retried, first } = JSON.parse(stdout)
    expect(refusals.length).toBeGreaterThan(0)
    for (const { code, message, kept } of refusals) {
      expect({ code, kept }).toEqual({ code: expect.stringMatching(/^MP_/), kept: 0 })
      expect(message).toMatch(/open files|EMFILE/)
    }
    expect({ retried, first }).toEqual({ retried: true, first: true })
  })

  suite.test(
    'no more shared memory: an error at the call, never a signal, and what is given up can be had again',
    async ({ program }) => {
      const { code, signal, stdout, stderr } = await program('little-memory', {
        limits: ['-f 262144'],
        env: { NODE_OPTIONS: '--expose-gc' },
      })
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
      const told = JSON.parse(stdout)
      expect(told).toMatchObject({ put: true, inChild: 7, second: true, first: { sound: true } })
      expect(told.first.count).toBeGreaterThan(3)
      expect([told.huge, told.first.refused, told.full]).toEqual(['MP_TOO_LARGE', 'MP_RESOURCE', 'MP_RESOURCE'])
    },
  )
}
