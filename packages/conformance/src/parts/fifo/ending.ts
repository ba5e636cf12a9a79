import { ClosedError, type Queue } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Form, formsOf } from '../../support/forms.js'
import { turns, until } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown } from '../../support/thrown.js'
import { consume, type Numbered, produce } from '../../workers/queue-traffic.js'
import { getOne, putOne, shutQueue } from '../../workers/queue-waiters.js'

/** `close` for this process, `shutdown` for all, `for await` to the end. */
export function ending(suite: Suite): void {
  const forms = formsOf(suite.capabilities)

  suite.test('close bars the puts of this process, and only them', async ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    await queue.put('before')
    queue.close()
    queue.close()
    await expectPutsClosed(queue, forms)
    expect(await queue.get()).toBe('before')
    const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
    const other = new mp.Process({ target: putOne, args: [queue, 'by another', asked, report, 'async'] }).start()
    expect(await queue.get()).toBe('by another')
    await allEndWell([other])
    expect(queue.tryGet()).toBe(undefined)
  })

  suite.test('the end of a scope closes it', async ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    queue[Symbol.dispose]()
    await expectPutsClosed(queue, forms)
  })

  suite.test('after shutdown what is left can be got, then ClosedError', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    for (let n = 0; n < 4; n++) queue.tryPut(n)
    queue.shutdown()
    queue.shutdown()
    await expectPutsClosed(queue, forms)
    expect(queue.size).toBe(4)
    expect(await queue.get()).toBe(0)
    expect(forms.includes('sync') ? queue.getSync() : queue.tryGet()).toBe(1)
    expect([queue.tryGet(), queue.tryGet()]).toEqual([2, 3])
    await expectGetsClosed(queue, forms)
  })

  suite.test('an immediate shutdown drops what is left', async ({ mp }) => {
    const queue = new mp.Queue<unknown>()
    for (let n = 0; n < 4; n++) queue.tryPut({ large: new Uint8Array(100_000) })
    queue.shutdown({ immediate: true })
    expect(queue.size).toBe(0)
    await expectGetsClosed(queue, forms)
    await expectPutsClosed(queue, forms)
  })

  suite.test('an immediate shutdown may follow an ordinary one', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    queue.tryPut(1)
    queue.shutdown()
    queue.shutdown({ immediate: true })
    await expectGetsClosed(queue, forms)
  })

  suite.test('shutdown by another process is shutdown for this one', async ({ mp }) => {
    for (const immediate of [false, true]) {
      const queue = new mp.Queue<unknown>()
      queue.tryPut('left')
      await allEndWell([new mp.Process({ target: shutQueue, args: [queue, immediate] }).start()])
      await expectPutsClosed(queue, forms)
      expect(queue.size).toBe(immediate ? 0 : 1)
      if (!immediate) expect(queue.tryGet()).toBe('left')
      await expectGetsClosed(queue, forms)
    }
  })

  for (const immediate of [false, true]) {
    const how = immediate ? 'an immediate shutdown' : 'shutdown'

    suite.test(`${how} wakes every waiting get`, async ({ mp, within }) => {
      const queue = new mp.Queue<unknown>()
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const here = [1, 2, 3].map(() => thrown(() => queue.get()))
      const there = [...forms, ...forms].map((form) =>
        new mp.Process({ target: getOne, args: [queue, asked, report, form] }).start(),
      )
      await until(() => asked.value === there.length, within(20_000), 'the start of the getters')
      await turns()
      queue.shutdown({ immediate })
      for (const error of await Promise.all(here)) expect(error).toBeInstanceOf(ClosedError)
      await allEndWell(there)
      expect(there.map(() => report.tryGet())).toEqual(there.map(() => 'MP_CLOSED'))
    })

    suite.test(`${how} wakes every waiting put, and what it would have put is not there`, async ({ mp, within }) => {
      const queue = new mp.Queue<unknown>(1)
      queue.tryPut('first')
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const here = [1, 2, 3].map(() => thrown(() => queue.put('too late')))
      const there = [...forms, ...forms].map((form) =>
        new mp.Process({ target: putOne, args: [queue, 'too late', asked, report, form] }).start(),
      )
      await until(() => asked.value === there.length, within(20_000), 'the start of the putters')
      await turns()
      queue.shutdown({ immediate })
      for (const error of await Promise.all(here)) expect(error).toBeInstanceOf(ClosedError)
      await allEndWell(there)
      expect(there.map(() => report.tryGet())).toEqual(there.map(() => 'MP_CLOSED'))
      if (!immediate) expect(queue.tryGet()).toBe('first')
      await expectGetsClosed(queue, forms)
    })
  }

  suite.test('for await ends when the queue is shut down and drained', async ({ mp }) => {
    const queue = new mp.Queue<Numbered>(10)
    const producer = new mp.Process({ target: produce, args: [queue, 0, 500, forms] }).start()
    void producer.join().then(() => queue.shutdown())
    const seen: number[] = []
    for await (const { n } of queue) seen.push(n)
    expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => n))
    await allEndWell([producer])
  })

  suite.test('for await that is left early leaves the rest', async ({ mp }) => {
    const queue = new mp.Queue<number>()
    for (let n = 0; n < 5; n++) queue.tryPut(n)
    for await (const n of queue) if (n === 2) break
    expect([queue.size, queue.tryGet(), queue.tryGet()]).toEqual([2, 3, 4])
  })

  suite.test('loops in many processes share the items', async ({ mp }) => {
    const queue = new mp.Queue<Numbered>(20)
    const report = new mp.Queue<[number, number][]>()
    const consumers = [1, 2].map(() => new mp.Process({ target: consume, args: [queue, report, ['async']] }).start())
    const seen: [number, number][] = []
    const here = (async () => {
      for await (const { from, n } of queue) seen.push([from, n])
    })()
    await allEndWell([0, 1].map((from) => new mp.Process({ target: produce, args: [queue, from, 300, forms] }).start()))
    queue.shutdown()
    await here
    await allEndWell(consumers)
    const all = [...seen, ...(report.tryGet() ?? []), ...(report.tryGet() ?? [])].map(([from, n]) => from * 300 + n)
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, n) => n))
  })
}

async function expectPutsClosed<T>(queue: Queue<T>, forms: readonly Form[]): Promise<void> {
  const put = queue as Queue<unknown>
  const calls = [() => put.put('late'), () => put.put('late', { timeout: 0 }), () => put.tryPut('late')]
  for (const call of calls) await expectClosed(call)
  if (forms.includes('sync')) await expectClosed(() => put.putSync('late'))
}

async function expectGetsClosed(queue: Queue<unknown>, forms: readonly Form[]): Promise<void> {
  for (const call of [() => queue.get(), () => queue.get({ timeout: 0 }), () => queue.tryGet()]) await expectClosed(call)
  if (forms.includes('sync')) await expectClosed(() => queue.getSync())
  for await (const item of queue) expect(item, 'an item after the end').toBe(undefined)
}

async function expectClosed(call: () => unknown): Promise<void> {
  const error = await thrown(call)
  expect(error).toBeInstanceOf(ClosedError)
  expect(error).toMatchObject({ code: 'MP_CLOSED', name: 'ClosedError' })
}
