import { ClosedError, type Connection, type Context, type Process } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { inTime, turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown } from '../../support/thrown.js'
import { holdOnly, pollOne, recvForEver, recvOne, sendUntil, type Use, useAndEnd, useFarBelow } from '../../workers/pipe-ends.js'
import { isWhole, type Sealed } from '../../workers/queue-victims.js'

type Going = 'return' | 'exit' | 'throw'

/** An end whose users have all died is closed: nobody waits for them. */
export function death(suite: Suite): void {
  const { sync } = suite.capabilities
  const forms = formsOf(suite.capabilities)

  for (const how of ['send', 'recv', 'poll'] as Use[]) {
    suite.test(`the end of the only one who used an end (${how}) closes it for who waits`, async ({ mp, within, until }) => {
      for (const going of ['return', 'exit', 'kill'] as const) {
        const [here, there] = mp.Pipe<unknown>()
        const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
        const user = new mp.Process({ target: useAndEnd, args: [there, how, used, go] }).start()
        await until(() => used.value === 1, 'the use of the end')
        if (how === 'send') expect(await here.recv()).toBe('a sign of life')
        const waits = [thrown(() => here.recv()), here.poll({})] as const
        const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
        const others = forms.map((form) => new mp.Process({ target: recvOne, args: [here, asked, report, form] }).start())
        others.push(...forms.map((form) => new mp.Process({ target: pollOne, args: [here, asked, report, form] }).start()))
        await until(() => asked.value === others.length, 'the start of the others')
        await turns()
        if (going === 'kill') user.kill()
        else await go.put(going)
        const [error, polled] = await inTime(Promise.all(waits), within(5_000), 'the end of waits for the dead')
        expect([error instanceof ClosedError, polled]).toEqual([true, true])
        await inTime(allEndWell(others), within(5_000), 'the end of waits for the dead elsewhere')
        const reports = others.map(() => report.tryGet())
        expect(new Set(reports)).toEqual(new Set(['MP_CLOSED', true]))
        expect(await thrown(() => here.send('to nobody'))).toBeInstanceOf(ClosedError)
        await user.join()
      }
    })
  }

  if (sync) {
    suite.test('a process that is blocked in recvSync learns of the end of its own child', async ({ mp, within, until }) => {
      const [here, there] = mp.Pipe<unknown>()
      const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
      const user = new mp.Process({ target: useAndEnd, args: [there, 'recv', used, go] }).start()
      await until(() => used.value === 1, 'the use of the end')
      go.tryPut('exit')
      const error = await thrown(() => here.recvSync({ timeout: within(10_000) }))
      expect(error).toBeInstanceOf(ClosedError)
      expect(here.pollSync()).toBe(true)
      await allEndWell([user])
    })

    suite.test('a process that waits elsewhere learns of it while this one is blocked in joinSync', async ({ mp, until }) => {
      const [here, there] = mp.Pipe<unknown>()
      const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const user = new mp.Process({ target: useAndEnd, args: [there, 'recv', used, go] }).start()
      const waiter = new mp.Process({ target: recvOne, args: [here, asked, report, 'sync'] }).start()
      await until(() => used.value === 1 && asked.value === 1, 'the start of both')
      go.tryPut('exit')
      expect(waiter.joinSync({ timeout: 20_000 })).toBe(0)
      expect(report.tryGet()).toBe('MP_CLOSED')
      await allEndWell([user])
    })
  }

  suite.test('what the dead had sent is received first', async ({ mp, until }) => {
    const [here, there] = mp.Pipe<unknown>()
    const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
    const users = [1, 2].map(() => new mp.Process({ target: useAndEnd, args: [there, 'send', used, go] }).start())
    await until(() => used.value === 2, 'the use of the end')
    for (const user of users) user.kill()
    await ended(users)
    expect([await here.recv(), await here.recv()]).toEqual(['a sign of life', 'a sign of life'])
    expect(await thrown(() => here.recv())).toBeInstanceOf(ClosedError)
  })

  suite.test('of several users the last one closes it', async ({ mp, within, until }) => {
    const [here, there] = mp.Pipe<unknown>()
    const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
    const users = [1, 2, 3].map(() => new mp.Process({ target: useAndEnd, args: [there, 'recv', used, go] }).start())
    await until(() => used.value === 3, 'the use of the end')
    let error: unknown
    const waiting = thrown(() => here.recv()).then((reason) => {
      error = reason
    })
    for (const user of users.slice(1)) {
      user.kill()
      await ended([user])
      await turns()
      expect([error, await here.poll()]).toEqual([undefined, false])
    }
    users[0]?.kill()
    await inTime(waiting, within(5_000), 'the end of a wait for the dead')
    expect(error).toBeInstanceOf(ClosedError)
    await ended(users)
  })

  suite.test('a user far below counts, and those in between do not', async ({ mp, within, until }) => {
    for (const form of forms) {
      const [here, there] = mp.Pipe<unknown>()
      const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
      const top = new mp.Process({ target: useFarBelow, args: [mp.backend.name, 1, there, used, go] }).start()
      await until(() => used.value === 1, 'the use of the end')
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const waiter = new mp.Process({ target: recvOne, args: [here, asked, report, form] }).start()
      await until(() => asked.value === 1, 'the start of the waiter')
      const waiting = thrown(() => here.recv())
      await go.put('exit')
      expect(await inTime(waiting, within(5_000), 'the end of a wait for the dead')).toBeInstanceOf(ClosedError)
      expect(await inTime(report.get(), within(5_000), 'the same elsewhere')).toBe('MP_CLOSED')
      expect(top.isAlive()).toBe(true)
      await go.put('return')
      await allEndWell([top, waiter])
    }
  })

  suite.test('users that die with the one who started them', async ({ mp, within, until }) => {
    const [here, there] = mp.Pipe<unknown>()
    const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
    const top = new mp.Process({ target: useFarBelow, args: [mp.backend.name, 2, there, used, go] }).start()
    await until(() => used.value === 1, 'the use of the end')
    const waiting = thrown(() => here.recv())
    top.kill()
    expect(await inTime(waiting, within(5_000), 'the end of a wait for the dead')).toBeInstanceOf(ClosedError)
    await ended([top])
  })

  suite.test('an end that nobody used is not closed by the death of those who held it', async ({ mp }) => {
    const [here, there] = mp.Pipe<unknown>()
    await allEndWell([1, 2].map(() => new mp.Process({ target: holdOnly, args: [there] }).start()))
    expect(await here.poll({ timeout: 20 })).toBe(false)
    await here.send('for whoever comes')
    expect(await there.recv()).toBe('for whoever comes')
  })

  suite.test('once all who used it have died, it is closed for good', async ({ mp, until }) => {
    const [here, there] = mp.Pipe<unknown>()
    const [used, go] = [new mp.Value('int32', 0), new mp.Queue<Going>()]
    const user = new mp.Process({ target: useAndEnd, args: [there, 'poll', used, go] }).start()
    await until(() => used.value === 1, 'the use of the end')
    user.kill()
    await ended([user])
    for (const call of [() => there.send(1), () => there.recv(), () => here.send(1), () => here.recv()]) {
      expect(await thrown(call)).toBeInstanceOf(ClosedError)
    }
  })

  suite.test('an end may have had any number of users, as long as one lives', async ({ mp }) => {
    const [here, there] = mp.Pipe<unknown>()
    await here.poll()
    await there.poll()
    for (let round = 0; round < 4; round++) {
      const pool = new mp.Pool(2)
      await pool.map(pollIt, [there, there], { chunksize: 1 })
      await pool.terminate()
    }
    await here.send('still open')
    expect(await there.recv()).toBe('still open')
  })

  for (const form of forms) {
    suite.test(`a writer killed in the middle of its work leaves whole messages, then ClosedError (${form})`, async (tools) => {
      const { mp, until, within } = tools
      for (let round = 0; round < 4; round++) {
        const [here, there] = mp.Pipe<Sealed>()
        const { done, stop } = counters(mp)
        const writer = new mp.Process({ target: sendUntil, args: [there, done, stop, form] }).start()
        await until(() => done.value > 20 * round, 'some sends')
        const receiving = receiveAll(here)
        writer.kill()
        const next = await inTime(receiving, within(10_000), 'the end of what the dead had sent')
        // A send whose end was not told may be there or not; all others are.
        expect([done.value, done.value + 1]).toContain(next)
        await ended([writer])
      }
    })

    suite.test(`a reader killed in the middle of its work: sends end with ClosedError (${form})`, async (tools) => {
      const { mp, until, within } = tools
      for (let round = 0; round < 4; round++) {
        const [here, there] = mp.Pipe<unknown>()
        const got = new mp.Value('int32', 0)
        const reader = new mp.Process({ target: recvForEver, args: [there, got, form] }).start()
        for (let n = 0; n <= 20 * round; n++) await here.send({ n, large: new Uint8Array(n % 5 === 0 ? 20_000 : 10) })
        await until(() => got.value > 10 * round, 'some receipts')
        reader.kill()
        const sending = (async () => {
          for (let n = 0; ; n++) {
            await here.send({ n, large: new Uint8Array(20_000) })
            await new Promise((resolve) => setImmediate(resolve))
          }
        })()
        expect(
          await inTime(
            thrown(() => sending),
            within(10_000),
            'the end of sends to the dead',
          ),
        ).toBeInstanceOf(ClosedError)
        await ended([reader])
      }
    })
  }
}

function pollIt(connection: Connection): Promise<boolean> {
  return connection.poll()
}

function counters(mp: Context) {
  return { done: new mp.Value('int32', 0), stop: new mp.Value('int32', 0) }
}

/** Receives to the end, each message the next one and whole; how many there were. */
async function receiveAll(connection: Connection<Sealed>): Promise<number> {
  let next = 0
  for await (const message of connection) {
    expect([message.n, isWhole(message)]).toEqual([next, true])
    next++
  }
  return next
}

async function ended(processes: readonly Process[]): Promise<void> {
  await Promise.all(processes.map((one) => one.join()))
}
