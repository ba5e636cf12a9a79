import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { messagesDuring } from '../../support/messages.js'
import { stderrDuring } from '../../support/stderr.js'

/** The start and the exit of processes and workers, told by who started them. */
export function processes(suite: Suite): void {
  suite.test('the start and the exit of a Process', async ({ mp }) => {
    const agent = { name: 'MainProcess', pid: mp.currentProcess().pid }
    const exits = await messagesDuring('multiproc:process:exit', async () => {
      const starts = await messagesDuring('multiproc:process:start', async (starts) => {
        const one = new mp.Process({ target: () => process.exit(7), name: 'the one', daemon: true })
        expect(starts).toEqual([])
        one.start()
        expect(starts).toEqual([{ agent, process: { name: 'the one', pid: one.pid }, role: 'process', daemon: true }])
        await one.join()
      })
      expect(starts.length).toBe(1)
    })
    const pid = expect.any(Number)
    const wanted = { agent, process: { name: 'the one', pid }, role: 'process', exitCode: 7, failed: false, error: undefined }
    expect(exits).toEqual([wanted])
  })

  suite.test('an exit by an error comes with the error, before join resolves', async ({ mp }) => {
    const exits = await messagesDuring('multiproc:process:exit', async (exits) => {
      const one = new mp.Process({
        target: () => {
          throw new RangeError('too far')
        },
      }).start()
      await stderrDuring(async () => void (await one.join()))
      expect(exits.map(({ process }) => process.pid)).toEqual([one.pid])
    })
    expect(exits).toMatchObject([{ exitCode: 1, failed: true, error: { message: 'too far' } }])
    expect(exits[0]?.error).toBeInstanceOf(RangeError)
  })

  suite.test('workers of a Pool start and exit as workers', async ({ mp }) => {
    const exits = await messagesDuring('multiproc:process:exit', async () => {
      const starts = await messagesDuring('multiproc:process:start', async () => {
        const pool = new mp.Pool(2)
        await pool.apply(() => 1)
        await pool.terminate()
      })
      expect(starts.map(({ role }) => role)).toEqual(['worker', 'worker'])
    })
    expect(exits.map(({ role }) => role)).toEqual(['worker', 'worker'])
  })

  suite.test('a subscriber that throws harms neither the process nor its starter', async ({ mp, program }) => {
    expect(mp.activeChildren()).toEqual([])
    const { code, stdout } = await program('throwing-subscriber')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'uncaught: from a subscriber\nexit code 0\n' })
  })
}
