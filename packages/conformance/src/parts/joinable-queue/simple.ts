import { ClosedError, NotCloneableError, QueueEmptyError, type SimpleQueue } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { double } from '../../workers/joining.js'

/** SimpleQueue: put, get, empty, close. */
export function simple(suite: Suite): void {
  const { sync } = suite.capabilities
  const forms = formsOf(suite.capabilities)

  suite.test('first in, first out; empty says what is there', async ({ mp }) => {
    const queue = new mp.SimpleQueue<unknown>()
    expect(queue.empty).toBe(true)
    for (let n = 0; n < 200; n++) {
      if (forms[n % forms.length] === 'sync') queue.putSync({ n })
      else await queue.put({ n })
    }
    expect(queue.empty).toBe(false)
    for (let n = 0; n < 200; n++)
      expect(forms[(n >> 1) % forms.length] === 'sync' ? queue.getSync() : await queue.get()).toEqual({ n })
    expect(queue.empty).toBe(true)
  })

  for (const form of forms) {
    suite.test(`there and back through another process (${form})`, async ({ mp }) => {
      const [inbox, outbox] = [new mp.SimpleQueue<number>(), new mp.SimpleQueue<number>()]
      const other = new mp.Process({ target: double, args: [inbox, outbox, form] }).start()
      for (let n = 0; n < 100; n++) {
        await inbox.put(n)
        expect(await outbox.get()).toBe(2 * n)
      }
      await inbox.put(-1)
      await allEndWell([other])
    })
  }

  suite.test('16 agents, 10^5 items: each is passed on once', async ({ mp }) => {
    const [inbox, outbox, items] = [new mp.SimpleQueue<number>(), new mp.SimpleQueue<number>(), 100_000]
    const agents = Array.from({ length: 16 }, (_, n) =>
      new mp.Process({ target: double, args: [inbox, outbox, forms[n % forms.length] as Form] }).start(),
    )
    for (let n = 0; n < items; n++) await inbox.put(n)
    for (const _ of agents) await inbox.put(-1)
    const times = new Uint8Array(items)
    for (let n = 0; n < items; n++) {
      const place = (await outbox.get()) / 2
      times[place] = (times[place] as number) + 1
    }
    await allEndWell(agents)
    expect([times.every((one) => one === 1), inbox.empty, outbox.empty]).toEqual([true, true, true])
  })

  suite.test('a get waits; timeouts and aborts take nothing', async ({ mp, abortController }) => {
    const queue = new mp.SimpleQueue<number>()
    for (const call of [() => queue.get({ timeout: 5 }), ...(sync ? [() => queue.getSync({ timeout: 5 })] : [])]) {
      expect(await thrown(call)).toBeInstanceOf(QueueEmptyError)
    }
    const control = abortController()
    const [aborted, patient] = [thrown(() => queue.get({ signal: control.signal })), queue.get()]
    await turns()
    control.abort('enough')
    await queue.put(1)
    expect([await aborted, await patient, queue.empty]).toEqual(['enough', 1, true])
  })

  suite.test('after close everything is a ClosedError here, and works elsewhere', async ({ mp }) => {
    const [inbox, outbox] = [new mp.SimpleQueue<number>(), new mp.SimpleQueue<number>()]
    for (const n of [1, 2, -1]) await inbox.put(n)
    inbox.close()
    inbox.close()
    const calls = [() => inbox.put(1), () => inbox.get(), () => inbox.empty]
    for (const call of [...calls, ...(sync ? [() => inbox.putSync(1), () => inbox.getSync()] : [])]) {
      expect(await thrown(call)).toBeInstanceOf(ClosedError)
    }
    await allEndWell([new mp.Process({ target: double, args: [inbox, outbox, 'async'] }).start()])
    expect([await outbox.get(), await outbox.get()]).toEqual([2, 4])
    {
      using _end = outbox
    }
    expect(await thrown(() => outbox.get())).toBeInstanceOf(ClosedError)
  })

  suite.test('close ends the gets that wait here, and they take nothing', async ({ mp }) => {
    const [closed, outbox] = [new mp.SimpleQueue<number>(), new mp.SimpleQueue<number>()]
    const waiting = [1, 2, 3].map(() => thrown(() => closed.get()))
    await turns()
    closed.close()
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(ClosedError)
    const through = async (queue: SimpleQueue<number>, out: SimpleQueue<number>) => {
      await queue.put(1)
      await out.put((await queue.get()) + 1)
    }
    await allEndWell([new mp.Process({ target: through, args: [closed, outbox] }).start()])
    expect([await outbox.get(), outbox.empty]).toEqual([2, true])
  })

  suite.test('what cannot travel is refused at the call', ({ mp }) => {
    const queue = new mp.SimpleQueue<unknown>()
    const error = thrownAtOnce(() => queue.put({ deep: [() => {}] }))
    expect(error).toBeInstanceOf(NotCloneableError)
    expect(error).toMatchObject({ path: 'item.deep[0]' })
    expect(queue.empty).toBe(true)
  })

  suite.test('it travels, also through itself, and comes back as the same object', async ({ mp }) => {
    const queue = new mp.SimpleQueue<unknown>()
    await queue.put({ nested: [queue] })
    expect(((await queue.get()) as { nested: unknown[] }).nested[0] === queue).toBe(true)
    await queue.put([queue, new Uint8Array(30_000)])
    expect(queue instanceof mp.SimpleQueue).toBe(true)
  })
}
