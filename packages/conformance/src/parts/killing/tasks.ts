import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { randomMoment } from '../../support/moments.js'
import { killHard } from '../../support/os-processes.js'
import { randomFrom } from '../../support/random.js'
import { runSlowly } from '../../workers/killed.js'
import { square } from '../../workers/pool-tasks.js'

const KILLS = 15
const CALLS = 3_000

/** SIGKILL of pool workers at random moments: busy, idle, starting. */
export function tasks(suite: Suite): void {
  suite.test('each death costs at most the one task in the hands of the dead, and all others run once', async (tools) => {
    const { mp, within } = tools
    const ran = new mp.Array('uint8', CALLS)
    const living = new mp.Queue<number>()
    await using pool = new mp.Pool(3)
    const killed: number[] = []
    let pending = CALLS
    const outcomes = Array.from({ length: CALLS }, async (_, n) => {
      try {
        return await pool.apply(runSlowly, [{ n, ran, living }])
      } catch (error) {
        return error as Error & { readonly pid: number }
      } finally {
        pending--
      }
    })
    const random = randomFrom(17)
    while (killed.length < KILLS && pending > 0) {
      // Not those that only start: that three in a row cannot start is the end of all calls.
      const pid = living.tryGet()
      await randomMoment(random, 20)
      if (pid === undefined) continue
      killHard(pid)
      killed.push(pid)
    }
    expect(killed.length).toBeGreaterThan(KILLS / 2)
    const ends = await inTime(Promise.all(outcomes), within(40_000), 'the end of all calls')
    const victims = new Map<number, number>()
    ends.forEach((end, n) => {
      expect(ran[n], `times that call ${n} ran`).toBeLessThanOrEqual(1)
      if (typeof end === 'number') expect([end, ran[n]]).toEqual([n * n, 1])
      else {
        expect(end).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: -9 })
        victims.set(end.pid, (victims.get(end.pid) ?? 0) + 1)
      }
    })
    expect(
      [...victims.keys()].filter((pid) => !killed.includes(pid)),
      'workers that nobody killed',
    ).toEqual([])
    expect(Math.max(0, ...victims.values()), 'tasks lost with one worker').toBeLessThanOrEqual(1)
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9])
  })

  suite.test('all workers at once, again and again: every call ends, and the pool goes on', async (tools) => {
    const { mp } = tools
    const [ran, living] = [new mp.Array('uint8', 50), new mp.Queue<number>()]
    await using pool = new mp.Pool(2)
    const random = randomFrom(19)
    for (let round = 0; round < 6; round++) {
      ran.fill(0)
      const calls = Array.from({ length: 50 }, (_, n) =>
        pool.apply(runSlowly, [{ n, ran, living }]).catch((error: Error) => error),
      )
      const victims = [await living.get()]
      await randomMoment(random, 10)
      for (let pid = living.tryGet(); pid; pid = living.tryGet()) victims.push(pid)
      for (const pid of victims) killHard(pid)
      const ends = await inTime(Promise.all(calls), tools.within(20_000), 'the end of all calls')
      const lost = ends.filter((end) => typeof end !== 'number')
      for (const error of lost) expect(error).toMatchObject({ code: 'MP_WORKER_DIED', exitCode: -9 })
      expect(lost.length).toBeLessThanOrEqual(victims.length)
      for (let pid = living.tryGet(); pid; pid = living.tryGet()) killHard(pid)
      expect(await inTime(pool.map(square, [1, 2, 3]), tools.within(20_000), 'a map afterwards')).toEqual([1, 4, 9])
    }
  })
}
