import { type Connection, type Process, TimeoutError, type Waitable } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime, turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown } from '../../support/thrown.js'
import { useAndEnd } from '../../workers/pipe-ends.js'
import { onceTold, sendAndClose } from '../../workers/waiting-for.js'

/** What ends a wait. */
export function waking(suite: Suite): void {
  for (const what of ['return', 'exit', 'put', 'shutdown', 'send', 'close'] as const) {
    suite.test(`a wait is ended from elsewhere by ${what}`, async ({ mp, within }) => {
      const [go, end, queue, idle] = [new mp.Queue(), new mp.Queue(), new mp.Queue(), new mp.SimpleQueue()]
      const [here, there] = mp.Pipe()
      const on = what === 'send' || what === 'close' ? there : queue
      const other = new mp.Process({ target: onceTold, args: [go, what, on] }).start()
      const long = new mp.Process({ target: (end) => end.get().then(() => {}), args: [end] }).start()
      const things: Waitable[] = what === 'return' || what === 'exit' ? [idle, queue, other, here] : [idle, queue, here, long]
      const waits = [mp.wait(things), mp.wait(things, { timeout: 2 ** 40 })]
      await turns()
      await go.put('go')
      const expected: Waitable =
        what === 'return' || what === 'exit' ? other : what === 'put' || what === 'shutdown' ? queue : here
      for (const seen of await inTime(Promise.all(waits), within(10_000), 'the end of the waits')) {
        expect(seen.includes(expected)).toBe(true)
        expect(seen.includes(idle)).toBe(false)
      }
      await end.put('go')
      await Promise.all([other.join(), long.join()])
    })
  }

  suite.test('a killed process is ready', async ({ mp, within }) => {
    const never = new mp.Queue()
    const processes = [1, 2, 3].map(() =>
      new mp.Process({ target: (never) => never.get().then(() => {}), args: [never] }).start(),
    )
    const [first, second, third] = processes as [Process, Process, Process]
    for (const victim of [second, first, third]) {
      const left = processes.filter((one) => one.isAlive())
      const waiting = mp.wait(left)
      await turns()
      victim.kill()
      expect((await inTime(waiting, within(10_000), 'the end of a killed process'))[0] === victim).toBe(true)
      expect(victim.exitCode).toBe(-9)
    }
  })

  suite.test('a connection is ready when all who used the other end have died', async ({ mp, within, until }) => {
    const [here, there] = mp.Pipe<unknown>()
    const [used, go] = [new mp.Value('int32', 0), new mp.Queue<'exit'>()]
    const user = new mp.Process({ target: useAndEnd, args: [there, 'recv', used, go] }).start()
    await until(() => used.value === 1, 'the use of the end')
    const waiting = mp.wait([here, new mp.Queue()])
    await turns()
    user.kill()
    expect((await inTime(waiting, within(10_000), 'the end of the wait'))[0] === here).toBe(true)
    expect(await thrown(() => here.recv())).toMatchObject({ code: 'MP_CLOSED' })
    await user.join()
  })

  suite.test('one reader, many writers: a wait over all of them, until all are closed', async ({ mp }) => {
    const [writers, count] = [6, 200]
    const ends = Array.from({ length: writers }, () => mp.Pipe<[from: number, n: number]>({ duplex: false }))
    const processes = ends.map(([, writer], from) =>
      new mp.Process({ target: sendAndClose, args: [writer, from, count] }).start(),
    )
    const next = ends.map(() => 0)
    let open: Connection<[from: number, n: number]>[] = ends.map(([reader]) => reader)
    while (open.length > 0) {
      for (const reader of await mp.wait(open)) {
        try {
          const [from, n] = await reader.recv({ timeout: 0 })
          expect(n).toBe(next[from])
          next[from] = n + 1
        } catch (error) {
          if (error instanceof TimeoutError) throw error
          open = open.filter((one) => one !== reader)
        }
      }
    }
    expect(next).toEqual(ends.map(() => count))
    await allEndWell(processes)
  })

  suite.test('a SimpleQueue is ready when it is closed here, as a get would no longer wait', async ({ mp, within }) => {
    const [queue, other] = [new mp.SimpleQueue(), new mp.SimpleQueue()]
    const waiting = mp.wait([other, queue])
    await turns()
    queue.close()
    expect((await inTime(waiting, within(10_000), 'the end of the wait'))[0] === queue).toBe(true)
    expect(await thrown(() => queue.get())).toMatchObject({ code: 'MP_CLOSED' })
  })

  suite.test('an aborted wait rejects with the reason', async ({ mp, abortController }) => {
    const queue = new mp.Queue()
    const control = abortController()
    const aborted = thrown(() => mp.wait([queue, mp.Pipe()[0]], { signal: control.signal }))
    await turns()
    control.abort('enough')
    expect(await aborted).toBe('enough')
    queue.tryPut('ready')
    expect(await thrown(() => mp.wait([queue], { signal: control.signal }))).toBe('enough')
    expect(queue.size).toBe(1)
  })
}
