import type { Process, Queue, Waitable } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { useAndEnd } from '../../workers/pipe-ends.js'
import { onceTold, putInTurn, waitForEver, waitInTurn } from '../../workers/waiting-for.js'

type Quartet = [Queue<number>, Queue<number>, Queue<number>, Queue<number>]

/** What ends a wait of a thread that is blocked, and what that leaves to those who wait behind it, on its event loop. */
export function blocking(suite: Suite): void {
  if (!suite.capabilities.sync) return suite.absent('sync')

  for (const what of ['return', 'exit', 'put', 'shutdown', 'send', 'close'] as const) {
    suite.test(`a blocked wait is ended from elsewhere by ${what}`, async ({ mp, within }) => {
      const [go, end, queue, idle] = [new mp.Queue(), new mp.Queue(), new mp.Queue(), new mp.SimpleQueue()]
      const [here, there] = mp.Pipe()
      const on = what === 'send' || what === 'close' ? there : queue
      const other = new mp.Process({ target: onceTold, args: [go, what, on] }).start()
      const long = new mp.Process({ target: (end) => end.get().then(() => {}), args: [end] }).start()
      const ends = what === 'return' || what === 'exit'
      const expected: Waitable = ends ? other : what === 'put' || what === 'shutdown' ? queue : here
      go.tryPut('go')
      const seen = mp.waitSync(ends ? [idle, queue, other, here] : [idle, queue, here, long], { timeout: within(10_000) })
      expect([seen.includes(expected), seen.includes(idle)]).toEqual([true, false])
      if (ends) expect(other.exitCode).toBe(what === 'exit' ? 3 : 0)
      await end.put('go')
      await Promise.all([other.join(), long.join()])
    })
  }

  suite.test('turn by turn, over several things', async ({ mp, within }) => {
    const rounds = 300
    const [balls, others] = [new mp.Queue<number>(), new mp.SimpleQueue<number>()]
    const [here, there] = mp.Pipe<number>()
    const [back, forth] = mp.Pipe<number>()
    const other = new mp.Process({ target: waitInTurn, args: [mp.backend.name, balls, there, back, rounds] }).start()
    for (let n = 0; n < rounds; n++) {
      if (n % 2 === 0) balls.putSync(n)
      else forth.sendSync(n)
      // After its last answer the other one may have ended, too.
      const seen = mp.waitSync([others, other, here], { timeout: within(10_000) })
      expect(seen.includes(here), `the answer in round ${n}`).toBe(true)
      expect(here.recvSync()).toBe(n)
    }
    await allEndWell([other])
  })

  suite.test('who waits on the event loop meanwhile gets its item afterwards', async ({ mp, within, until }) => {
    const rounds = 200
    const [go, first, second, third] = [1, 2, 3, 4].map(() => new mp.Queue<number>()) as Quartet
    const other = new mp.Process({ target: putInTurn, args: [go, [first, second, third]] }).start()
    for (let n = 0; n < rounds; n++) {
      const got = first.get()
      const also = mp.wait([second, new mp.Queue()])
      go.putSync(n)
      // Every other round on what the get waits for, too.
      const things = n % 2 === 0 ? [third] : [third, first]
      expect(mp.waitSync(things, { timeout: within(10_000) }).length, `the wait in round ${n}`).toBeGreaterThan(0)
      expect(third.getSync({ timeout: within(10_000) })).toBe(n)
      expect(await inTime(got, within(10_000), `the get behind the wait in round ${n}`)).toBe(n)
      expect((await inTime(also, within(10_000), `the wait on the event loop in round ${n}`))[0] === second).toBe(true)
      expect(second.tryGet()).toBe(n)
    }
    go.putSync(-1)
    await allEndWell([other])
    await until(() => mp.usage().waits === 0, 'the end of all waits')
  })

  suite.test('one that runs out of time takes nothing from who waits on the event loop', async ({ mp, within }) => {
    const queue = new mp.Queue<number>()
    for (let n = 0; n < 50; n++) {
      const got = queue.get()
      expect(mp.waitSync([queue, new mp.Queue()], { timeout: 1 })).toEqual([])
      queue.tryPut(n)
      expect(await inTime(got, within(5_000), 'the get')).toBe(n)
      expect(mp.waitSync([queue], { timeout: 0 })).toEqual([])
    }
  })

  suite.test(
    'a killed process is ready',
    async ({ mp, within }) => {
      const never = new mp.Queue()
      const processes = [1, 2, 3].map(() =>
        new mp.Process({ target: (never) => never.get().then(() => {}), args: [never] }).start(),
      )
      const [first, second, third] = processes as [Process, Process, Process]
      for (const victim of [second, first, third]) {
        const left = processes.filter((one) => one.isAlive())
        victim.kill()
        expect(mp.waitSync(left, { timeout: within(10_000) })[0] === victim).toBe(true)
        expect(victim.exitCode).toBe(-9)
      }
    },
    { liveness: 'anytime' },
  )

  suite.test(
    'a connection is ready when all who used the other end have died, whom only this agent could bury',
    async ({ mp, within, until }) => {
      const [here, there] = mp.Pipe<unknown>()
      const [used, go] = [new mp.Value('int32', 0), new mp.Queue<'exit'>()]
      const user = new mp.Process({ target: useAndEnd, args: [there, 'recv', used, go] }).start()
      await until(() => used.value === 1, 'the use of the end')
      user.kill()
      expect(mp.waitSync([new mp.Queue(), here], { timeout: within(10_000) })[0] === here).toBe(true)
      await user.join()
    },
    { liveness: 'anytime' },
  )

  for (const end of ['terminate', 'kill'] as const) {
    suite.test(`a process that is blocked in a wait is ended by ${end}()`, async ({ mp, within, until }) => {
      const asked = new mp.Value('int32', 0)
      const blocked = new mp.Process({ target: waitForEver, args: [mp.backend.name, new mp.Queue(), asked] }).start()
      await until(() => asked.value === 1, 'the wait')
      blocked[end]()
      expect(await inTime(blocked.join(), within(10_000), 'its end')).toBe(end === 'kill' ? -9 : -15)
    })
  }
}
