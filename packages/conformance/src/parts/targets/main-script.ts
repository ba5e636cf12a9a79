import { expect } from 'vitest'
import type { Suite } from '../../suite.js'

/** Programs whose main script defines the tasks that it starts. */
export function mainScript(suite: Suite): void {
  suite.test('with a guard it runs', async ({ program }) => {
    expect(await program('guarded')).toMatchObject({ code: 0, signal: null, stdout: '[1,4,9]\n', stderr: '' })
  })

  for (const what of ['process', 'pool']) {
    suite.test(`without a guard a ${what} gets a clear error, and no flood of processes`, async ({ program }) => {
      const { code, stdout, stderr } = await program(`unguarded-${what}`)
      expect(code, stderr).toBe(1)
      expect(stderr).toMatch(/isMainProcess/)
      // Printed by whoever runs the script: by each child, were there a flood.
      expect(stdout.match(/main script/g)?.length).toBeLessThanOrEqual(4)
    })
  }
}
