import type { Value } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { inTime } from '../../support/hang.js'
import { randomMoment } from '../../support/moments.js'
import { allEndWell } from '../../support/processes.js'
import { randomFrom } from '../../support/random.js'
import { getHeavily, type Heavy, isSound, putHeavily } from '../../workers/killed.js'

const KILLS = 6
/** More than can come in the time that these tests take. */
const MOST_ITEMS = 2 ** 25
/** Bytes: of an item whose copying takes a good part of the time, and of one that is hardly any work beside the waiting. */
const SIZES = { large: 300_000, small: 8 } as const
/** Of a bounded queue that is mostly full, or empty; and none. */
const MAXSIZES = [3, 0] as const

/** SIGKILL of those who put and get, in the middle of it or waiting: nothing is doubled or reordered, nobody else is held up. */
export function queues(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  for (const form of forms) {
    for (const [size, bytes] of Object.entries(SIZES)) {
      suite.test(
        `producers of ${size} items at random moments (${form}): what was put is there, whole and in order`,
        async (tools) => {
          const { mp, within } = tools
          const random = randomFrom(bytes)
          const never = new mp.Value('int32', 0)
          for (const maxsize of MAXSIZES) {
            const queue = new mp.Queue<Heavy>(maxsize)
            const next = new Map<number, number>()
            const check = (item: Heavy) => {
              expect([item.from, item.n, isSound(item)]).toEqual([item.from, next.get(item.from) ?? 0, true])
              next.set(item.from, item.n + 1)
            }
            for (let from = 0; from < KILLS; from++) {
              const [asked, done] = counts(mp, 2) as [Value, Value]
              const victim = new mp.Process({ target: putHeavily, args: [queue, from, bytes, asked, done, never, form] }).start()
              check(await inTime(queue.get(), within(20_000), 'the first item'))
              // Taking with gaps, so that it comes to wait for room as well.
              for (let n = 0; n < from % 4; n++) check(await inTime(queue.get(), within(10_000), 'an item'))
              await randomMoment(random, 4)
              process.kill(victim.pid as number, 'SIGKILL')
              expect(await inTime(victim.join(), within(10_000), 'the end of the killed')).toBe(-9)
              for (let item = queue.tryGet(); item; item = queue.tryGet()) check(item)
              // A put that was not told to be done may have been.
              expect([done.value, asked.value]).toContain(next.get(from))
              expect(queue.size).toBe(0)
            }
            expect(queue.tryPut({ from: -1, n: 0, content: new Uint8Array() })).toBe(true)
            expect((await inTime(queue.get(), within(10_000), 'a get afterwards')).from).toBe(-1)
          }
        },
      )

      suite.test(
        `consumers of ${size} items at random moments (${form}): each loses at most the one in its hands`,
        async (tools) => {
          const { mp, within, until } = tools
          const random = randomFrom(bytes + 1)
          const queue = new mp.Queue<Heavy>(3)
          const marks = new mp.Array('uint8', MOST_ITEMS)
          const [asked, done, wrong, survived, stop] = counts(mp, 5) as [Value, Value, Value, Value, Value]
          const consume = (got: Value) => new mp.Process({ target: getHeavily, args: [queue, marks, got, wrong, form] }).start()
          const producer = new mp.Process({ target: putHeavily, args: [queue, 0, bytes, asked, done, stop, form] }).start()
          const survivor = consume(survived)
          for (let n = 0; n < KILLS; n++) {
            const [got] = counts(mp, 1) as [Value]
            const victim = consume(got)
            await until(() => got.value > 0, 'a get of the victim')
            await randomMoment(random, 4)
            process.kill(victim.pid as number, 'SIGKILL')
            const before = survived.value
            expect(await inTime(victim.join(), within(10_000), 'the end of the killed')).toBe(-9)
            await until(() => survived.value > before + 3, 'progress of the survivor')
          }
          stop.value = 1
          await inTime(allEndWell([producer]), within(10_000), 'the end of the producer')
          queue.shutdown()
          await inTime(allEndWell([survivor]), within(10_000), 'the end of the survivor')
          expect(done.value).toBeLessThan(MOST_ITEMS)
          const times = [0, 0, 0]
          for (const mark of marks.subarray(0, done.value)) times[mark] = (times[mark] ?? 0) + 1
          expect(wrong.value, 'items out of order or damaged').toBe(0)
          expect(times.slice(2), 'items delivered twice').toEqual([0])
          expect(times[0], 'items lost').toBeLessThanOrEqual(KILLS)
        },
      )
    }
  }
}

function counts(mp: { Value: new (type: 'int32', initial: number) => Value }, count: number): Value[] {
  return Array.from({ length: count }, () => new mp.Value('int32', 0))
}
