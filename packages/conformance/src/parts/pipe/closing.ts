import { ClosedError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { turns } from '../../support/hang.js'
import { allEndWell } from '../../support/processes.js'
import { thrown } from '../../support/thrown.js'
import { closeEnd, pollOne, recvOne } from '../../workers/pipe-ends.js'

/** `close`: of one end, for everyone, and never at the cost of what was sent before. */
export function closing(suite: Suite): void {
  const { sync } = suite.capabilities
  const forms = formsOf(suite.capabilities)

  suite.test('what was sent before the close still arrives, then ClosedError', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    for (let n = 0; n < 3; n++) await a.send({ n, pad: new Uint8Array(20_000) })
    a.close()
    expect([await b.poll(), await b.recv(), await b.recv(), await b.recv()]).toMatchObject([true, { n: 0 }, { n: 1 }, { n: 2 }])
    for (const call of [() => b.recv(), () => b.recv({ timeout: 5 }), ...(sync ? [() => b.recvSync()] : [])]) {
      const error = await thrown(call)
      expect(error).toBeInstanceOf(ClosedError)
      expect(error).toMatchObject({ code: 'MP_CLOSED' })
    }
    expect(await b.poll()).toBe(true)
  })

  suite.test('a send to a closed end: ClosedError', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    b.close()
    for (const call of [
      () => a.send(1),
      () => a.send({ large: new Uint8Array(50_000) }),
      ...(sync ? [() => a.sendSync(1)] : []),
    ]) {
      expect(await thrown(call)).toBeInstanceOf(ClosedError)
    }
  })

  suite.test('after close everything at that end is a ClosedError, and closing twice is fine', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    await b.send('never received')
    a.close()
    a.close()
    const calls = [() => a.send(1), () => a.recv(), () => a.poll(), () => a.poll({ timeout: 5 })]
    const syncCalls = [() => a.sendSync(1), () => a.recvSync(), () => a.pollSync()]
    for (const call of [...calls, ...(sync ? syncCalls : [])]) expect(await thrown(call)).toBeInstanceOf(ClosedError)
    b.close()
    expect(await thrown(() => b.recv())).toBeInstanceOf(ClosedError)
  })

  suite.test('the end of a scope closes it', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    {
      using _end = a
    }
    expect(await thrown(() => b.recv())).toBeInstanceOf(ClosedError)
  })

  suite.test('close by another process is close for everyone', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    await b.send('before')
    await a.send('dropped')
    await allEndWell([new mp.Process({ target: closeEnd, args: [b] }).start()])
    expect(await a.recv()).toBe('before')
    for (const call of [() => a.recv(), () => a.send(1), () => b.recv(), () => b.send(1)]) {
      expect(await thrown(call)).toBeInstanceOf(ClosedError)
    }
  })

  suite.test('close wakes everyone who waits at either end', async ({ mp, until }) => {
    for (const closed of [0, 1]) {
      const [a, b] = mp.Pipe<unknown>()
      const [asked, report] = [new mp.Value('int32', 0), new mp.Queue<unknown>()]
      const here = [1, 2].map(() => thrown(() => a.recv()))
      const polling = [1, 2].map(() => a.poll({}))
      const waiting = [...forms, ...forms].map((form) => new mp.Process({ target: recvOne, args: [a, asked, report, form] }))
      const looking = forms.map((form) => new mp.Process({ target: pollOne, args: [a, asked, report, form] }))
      for (const one of [...waiting, ...looking]) one.start()
      await until(() => asked.value === waiting.length + looking.length, 'the start of the others')
      await turns()
      ;[a, b][closed]?.close()
      for (const error of await Promise.all(here)) expect(error).toBeInstanceOf(ClosedError)
      expect(await Promise.all(polling)).toEqual([true, true])
      await allEndWell([...waiting, ...looking])
      const reports = [...waiting, ...looking].map(() => report.tryGet())
      const polls = reports.filter((one) => one === true).length
      expect(reports.filter((one) => one === 'MP_CLOSED')).toHaveLength(reports.length - polls)
      // Who comes to look only after its own end was closed is told so.
      if (closed === 1) expect(polls).toBe(looking.length)
    }
  })

  suite.test('for await ends when the other end is closed and all was received', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    const seen: number[] = []
    const reading = (async () => {
      for await (const message of b) seen.push(message)
    })()
    for (let n = 0; n < 100; n++) await a.send(n)
    a.close()
    await reading
    expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  suite.test('for await ends when its own end is closed', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    const reading = (async () => {
      for await (const message of b) if (message === 1) b.close()
    })()
    await a.send(1)
    await reading
    expect(await thrown(() => a.send(2))).toBeInstanceOf(ClosedError)
  })

  suite.test('leaving for await takes nothing more', async ({ mp }) => {
    const [a, b] = mp.Pipe<number>()
    for (let n = 0; n < 3; n++) await a.send(n)
    for await (const message of b) if (message === 1) break
    expect([await b.recv(), await b.poll()]).toEqual([2, false])
  })
}
