import type { Queue, Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { inTime } from '../../support/hang.js'
import { randomMoment } from '../../support/moments.js'
import { mappedSegments, openDescriptors, zombies } from '../../support/os-processes.js'
import { randomFrom } from '../../support/random.js'
import { leaveGet, stayIn } from '../../workers/ending.js'

const ROUNDS = 200
/** Processes at a time. */
const PARALLEL = 4
/** Descriptors that may be kept for those who have died last: what is remembered of them is dropped when the next one comes. */
const KEPT = 2 * PARALLEL

/** What the operating system knows of those who were started and killed. */
export function leaks(suite: Suite): void {
  suite.test(
    `after ${ROUNDS} rounds of start and kill there is no descriptor, zombie or segment more than before`,
    async (tools) => {
      const { mp, within } = tools
      const [arrived, never] = [new mp.Queue(), new mp.Queue()]
      const random = randomFrom(23)
      const round = async (n: number) => {
        const occupation = (['an async wait', 'a sync wait', 'an endless loop'] as const)[n % 3] as 'an async wait'
        const one = new mp.Process({ target: stayIn, args: [occupation, arrived, never] }).start()
        // Some while they start, some before, some when they are there.
        if (n % 4 === 0) await inTime(arrived.get(), within(20_000), 'the start')
        else await randomMoment(random, 60)
        process.kill(one.pid as number, 'SIGKILL')
        expect(await inTime(one.join(), within(10_000), 'the end of the killed')).toBe(-9)
      }
      const rounds = (count: number) =>
        Promise.all(
          Array.from({ length: PARALLEL }, async (_, lane) => {
            for (let n = 0; n < count / PARALLEL; n++) await round(n * PARALLEL + lane)
          }),
        )
      await rounds(20)
      const look = () => ({ descriptors: openDescriptors(), zombies: zombies().length, segments: mappedSegments() })
      const before = look()
      await rounds(ROUNDS)
      await tools.until(() => zombies().length === 0, 'the last leave')
      const after = look()
      expect(after).toMatchObject({ zombies: 0, segments: before.segments })
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + KEPT)
      expect(mp.activeChildren()).toEqual([])
      expect(mp.usage().agents).toBe(1)
    },
  )

  suite.test('contexts that come and go, with a process each that is killed, leave none either', async (tools) => {
    const { create } = tools
    const round = async () => {
      const mp = create()
      const [arrived, never] = [new mp.Queue(), new mp.Queue()]
      const one = new mp.Process({ target: stayIn, args: ['an async wait', arrived, never] }).start()
      await inTime(arrived.get(), tools.within(20_000), 'the start')
      process.kill(one.pid as number, 'SIGKILL')
      expect(await inTime(one.join(), tools.within(10_000), 'the end of the killed')).toBe(-9)
      await mp.close()
    }
    await round()
    const before = openDescriptors()
    for (let n = 0; n < 10; n++) await round()
    // Node closes what it has opened in a turn of its own.
    await tools.until(() => openDescriptors() <= before, `the return to ${before} descriptors`)
    // An end may be known before the event loop has turned, which is what takes leave of a process.
    await tools.until(() => zombies().length === 0, 'the last leave')
  })

  suite.test(
    'processes that were woken while they waited, and ended by themselves, leave none either',
    async ({ mp, within }) => {
      const round = async () => {
        const [arrived, awaited, sum]: [Queue, Queue<number>, Value] = [new mp.Queue(), new mp.Queue(), new mp.Value('int32', 0)]
        const one = new mp.Process({ target: leaveGet, args: [arrived, awaited, sum] }).start()
        await inTime(arrived.get(), within(20_000), 'the start')
        await awaited.put(1)
        expect(await inTime(one.join(), within(10_000), 'the end of what was woken')).toBe(0)
      }
      for (let n = 0; n < 3; n++) await round()
      const before = openDescriptors()
      for (let n = 0; n < 20; n++) await round()
      expect(openDescriptors()).toBeLessThanOrEqual(before + 2)
    },
  )
}
