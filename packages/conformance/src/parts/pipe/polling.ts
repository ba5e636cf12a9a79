import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { inTime, turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown } from '../../support/thrown.js'
import { pollOne, recvOne } from '../../workers/pipe-ends.js'

/** `poll` looks, and takes neither a message nor a wake-up. */
export function polling(suite: Suite): void {
  const { sync } = suite.capabilities
  const forms = formsOf(suite.capabilities)

  suite.test('poll looks now', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    expect([await a.poll(), await b.poll()]).toEqual([false, false])
    await a.send(1)
    expect([await a.poll(), await b.poll(), await b.poll()]).toEqual([false, true, true])
    if (sync) expect([a.pollSync(), b.pollSync()]).toEqual([false, true])
    expect(await b.recv()).toBe(1)
    expect(await b.poll()).toBe(false)
  })

  suite.test('poll with a timeout waits, and is false when it has run out', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    for (const timeout of [0, 1, 20]) {
      expect(await a.poll({ timeout })).toBe(false)
      if (sync) expect(a.pollSync({ timeout })).toBe(false)
    }
    const polls = [a.poll({ timeout: 2 ** 40 }), a.poll({}), a.poll({ timeout: Number.POSITIVE_INFINITY })]
    await turns()
    await b.send(1)
    expect(await Promise.all(polls)).toEqual([true, true, true])
    if (sync) expect(a.pollSync({ timeout: 0 })).toBe(true)
    expect(await a.recv()).toBe(1)
  })

  suite.test('an aborted poll rejects with the reason', async ({ mp, abortController }) => {
    const [a, b] = mp.Pipe<number>()
    const control = abortController()
    const aborted = thrown(() => a.poll({ signal: control.signal }))
    const patient = a.poll({})
    await turns()
    control.abort('enough')
    expect(await aborted).toBe('enough')
    await b.send(1)
    expect(await patient).toBe(true)
  })

  suite.test('a poll is true once the other end is closed', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    const polling = a.poll({})
    await turns()
    b.close()
    expect([await polling, await a.poll(), await a.poll({ timeout: 5 })]).toEqual([true, true, true])
    if (sync) expect([a.pollSync(), a.pollSync({ timeout: 5 })]).toEqual([true, true])
  })

  for (const form of forms) {
    suite.test(`polls keep no message from those who receive (${form})`, async ({ mp, within, until }) => {
      for (let round = 0; round < 3; round++) {
        const [a, b] = mp.Pipe<number>()
        // The first pollers may have ended before the last one has begun. As long as this process uses the end, too, that does not close it.
        await a.poll()
        const [asked, polled, received] = [new mp.Value('int32', 0), new mp.Queue<unknown>(), new mp.Queue<unknown>()]
        const pollers = [1, 2, 3].map(() => new mp.Process({ target: pollOne, args: [a, asked, polled, form] }).start())
        await until(() => asked.value === 3, 'the start of the pollers')
        const receiver = new mp.Process({ target: recvOne, args: [a, asked, received, form] }).start()
        await until(() => asked.value === 4, 'the start of the receiver')
        // As long as this takes, they have had the time to fall asleep, the pollers first.
        await allEndWell([new mp.Process({ target: () => {} }).start()])
        await b.send(1)
        expect(await inTime(received.get(), within(10_000), 'the receipt beside polls')).toBe(1)
        b.close()
        await allEndWell([receiver, ...pollers])
        expect([polled.tryGet(), polled.tryGet(), polled.tryGet()]).toEqual([true, true, true])
      }
    })
  }
}
