import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { addByName, createAndStay } from '../../workers/attaching.js'

const AGENTS = 4
const TIMES = 20_000

/** The same bytes for whoever knows the name. */
export function sharing(suite: Suite): void {
  suite.test('another object of the same name, and children that are told it, see the same bytes', async ({ mp }) => {
    using shared = new mp.SharedMemory({ create: true, size: 64 })
    using again = new mp.SharedMemory({ name: shared.name })
    const target = { target: addByName, args: [mp.backend.name, shared.name, TIMES] as [string, string, number] }
    await allEndWell(Array.from({ length: AGENTS }, () => new mp.Process(target).start()))
    expect(new Int32Array(again.buf.buffer, 0, 1)[0]).toBe(AGENTS * TIMES)
    shared.unlink()
  })

  suite.test(
    'a program that this one has not started attaches by name, and its end takes nothing away',
    async ({ mp, program }) => {
      using shared = new mp.SharedMemory({ create: true, size: 3 })
      shared.buf.set([1, 2, 3])
      const ends = [
        await program('attach-memory', { args: [shared.name] }),
        await program('attach-memory', { args: [shared.name] }),
      ]
      expect(ends).toEqual(['3 1 2 3\n', '3 2 3 4\n'].map((stdout) => ({ code: 0, signal: null, stdout, stderr: '' })))
      expect([...shared.buf]).toEqual([3, 4, 5])
      shared.unlink()
    },
  )

  suite.test('what a program created outlives it, until it is unlinked', async ({ mp, program }) => {
    const name = `mp-outlives-${process.pid}`
    expect(await program('attach-memory', { args: [name, '2'] })).toMatchObject({ code: 0, stdout: '2 0 0\n' })
    using shared = new mp.SharedMemory({ name })
    expect([...shared.buf]).toEqual([1, 1])
    shared.unlink()
  })

  suite.test('what a process created that was killed is there', async ({ mp, within }) => {
    const [created, never] = [new mp.Queue<string>(), new mp.Queue()]
    const name = `mp-killed-${process.pid}`
    const one = new mp.Process({ target: createAndStay, args: [mp.backend.name, name, created, never] }).start()
    await inTime(created.get(), within(20_000), 'the creation')
    one.kill()
    await one.join()
    using shared = new mp.SharedMemory({ name })
    expect([shared.size, shared.buf.every((byte) => byte === 7)]).toEqual([100, true])
    shared.unlink()
  })
}
