import { deepStrictEqual } from 'node:assert'
import type { Connection } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { kinds } from '../../support/items.js'
import { allEndWell } from '../../support/processes.js'
import { echoBack, sendAll } from '../../workers/pipe-ends.js'

/** What is sent at one end is received at the other: whole, once, in order. */
export function messages(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('what is sent at either end arrives at the other, in order', async ({ mp }) => {
    const [a, b] = mp.Pipe()
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      for (let n = 0; n < 300; n++) {
        if (forms[n % forms.length] === 'sync') from.sendSync({ n })
        else await from.send({ n })
      }
      for (let n = 0; n < 300; n++) {
        expect(forms[(n >> 1) % forms.length] === 'sync' ? to.recvSync() : await to.recv()).toEqual({ n })
      }
    }
  })

  suite.test('the two directions do not mix', async ({ mp }) => {
    const [a, b] = mp.Pipe<string>()
    await a.send('from a')
    await b.send('from b')
    expect([await a.recv(), await b.recv()]).toEqual(['from b', 'from a'])
    expect([await a.poll(), await b.poll()]).toEqual([false, false])
  })

  suite.test('a message is what it was when it was sent', async ({ mp }) => {
    const [a, b] = mp.Pipe<{ n: number }>()
    const message = { n: 1 }
    await a.send(message)
    message.n = 2
    expect(await b.recv()).toEqual({ n: 1 })
  })

  for (const form of forms) {
    suite.test(`every kind of data arrives as it was, there and back through another process (${form})`, async ({ mp }) => {
      const [here, there] = mp.Pipe()
      const other = new mp.Process({ target: echoBack, args: [there, form] }).start()
      for (const [kind, make] of Object.entries(kinds)) {
        if (kind === 'an invalid Date') continue
        await here.send(make())
        deepStrictEqual(await here.recv(), make(), `${kind} arrived changed`)
      }
      here.close()
      await allEndWell([other])
    })
  }

  suite.test('messages of 0 B to 8 MiB neither merge nor split', async ({ mp }) => {
    const [here, there] = mp.Pipe<Uint8Array>()
    const sizes = [0, 1, 7, 8, 100, 4_096, 8_191, 8_192, 8_193, 65_536, 1_000_003, 8 * 2 ** 20, 3, 0, 5]
    const messages = sizes.map((size, n) => new Uint8Array(size).fill(n + 1))
    const sender = new mp.Process({ target: sendAll, args: [there, messages, forms] }).start()
    for (const [n, size] of sizes.entries()) {
      const message = await here.recv()
      expect([message.length, message.every((byte) => byte === n + 1)]).toEqual([size, true])
    }
    await allEndWell([sender])
  })

  suite.test('what was sent before its sender ended is there, however much', async ({ mp }) => {
    const [here, there] = mp.Pipe<{ n: number; pad: Uint8Array }>()
    const all = Array.from({ length: 200 }, (_, n) => ({ n, pad: new Uint8Array(5_000).fill(n) }))
    await allEndWell([new mp.Process({ target: sendAll, args: [there, all, forms] }).start()])
    for (const { n } of all) {
      const message = await here.recv()
      expect([message.n, message.pad.length, message.pad.every((byte) => byte === (n & 255))]).toEqual([n, 5_000, true])
    }
  })

  suite.test('connections travel: as arguments, nested, through queues, and through themselves', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    await a.send({ both: [a, { b }] })
    const { both } = (await b.recv()) as { both: [unknown, { b: unknown }] }
    expect([both[0] === a, both[1].b === b]).toEqual([true, true])
    const queue = new mp.Queue<Map<string, unknown>>()
    await queue.put(new Map([['end', b]]))
    expect((await queue.get()).get('end') === b).toBe(true)
    const [here, there] = mp.Pipe<unknown>()
    const other = new mp.Process({ target: echoBack, args: [there, 'async'] }).start()
    await here.send([here, a])
    const [again, still] = (await here.recv()) as [unknown, unknown]
    expect([again === here, still === a]).toEqual([true, true])
    here.close()
    await allEndWell([other])
  })

  suite.test('an end that was made elsewhere works like one made here', async ({ mp }) => {
    const [inbox, outbox] = mp.Pipe<Connection<string>>()
    const maker = new mp.Process({
      target: async (outbox: Connection, name: string) => {
        const { getContext } = await import('@multiproc/core')
        const [one, other] = (await getContext(name)).Pipe<string>()
        await outbox.send(one)
        await other.send('from its maker')
        await other.send(await other.recv())
      },
      args: [outbox, mp.backend.name],
    }).start()
    const end = await inbox.recv()
    expect(await end.recv()).toBe('from its maker')
    await end.send('and back')
    expect(await end.recv()).toBe('and back')
    await allEndWell([maker])
  })

  suite.test('shared objects within messages are the same shared objects', async ({ mp }) => {
    const [here, there] = mp.Pipe<unknown>()
    const other = new mp.Process({ target: echoBack, args: [there, 'async'] }).start()
    const [value, queue] = [new mp.Value('int32', 1), new mp.Queue<string>()]
    await here.send({ value, set: new Set([queue]) })
    const back = (await here.recv()) as { value: object; set: Set<object> }
    expect([back.value === value, [...back.set][0] === queue]).toEqual([true, true])
    here.close()
    await allEndWell([other])
  })

  suite.test('messages that nobody receives go with the pipe', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    for (let n = 0; n < 100; n++) await a.send({ b, large: new Uint8Array(20_000), value: new mp.Value('int8') })
  })
}
