import { NotCloneableError, StateError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { allEndWell } from '../../support/processes.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'
import { sendAll, tryBothWays } from '../../workers/pipe-ends.js'

/** What cannot travel, and the wrong direction. */
export function refusal(suite: Suite): void {
  const { sync } = suite.capabilities

  suite.test('what cannot travel is refused at the call, naming the path, and nothing is sent', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    for (const [path, message] of [
      ['message', () => {}],
      ['message.onClick', { onClick: () => {} }],
      ['message[1]', [1, Symbol('s')]],
      ['message.rows[2].cell', { rows: [0, 1, { cell: new WeakMap() }], large: new Uint8Array(50_000) }],
    ] as const) {
      for (const call of [() => a.send(message), ...(sync ? [() => a.sendSync(message)] : [])]) {
        const error = thrownAtOnce(call)
        expect(error).toBeInstanceOf(NotCloneableError)
        expect(error).toMatchObject({ path, code: 'MP_NOT_CLONEABLE' })
      }
    }
    expect(await b.poll()).toBe(false)
  })

  suite.test('a getter that throws is the cause, and one that sends is heard', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    const trouble = new Error('no value today')
    const message = {
      get first() {
        void a.send('from within')
        return 1
      },
    }
    await a.send(message)
    expect([await b.recv(), await b.recv()]).toEqual(['from within', { first: 1 }])
    const error = thrownAtOnce(() =>
      a.send({
        get bad() {
          throw trouble
        },
      }),
    )
    expect(error).toBeInstanceOf(NotCloneableError)
    expect((error as Error).cause).toBe(trouble)
    expect(await b.poll()).toBe(false)
  })

  suite.test('of a one-way pipe the first end only receives and the second only sends', async ({ mp }) => {
    const [reader, writer] = mp.Pipe<string>({ duplex: false })
    const other = new mp.Process({ target: sendAll, args: [writer, ['from elsewhere'], ['async']] }).start()
    expect(await reader.recv()).toBe('from elsewhere')
    await allEndWell([other])
    const wrong = [() => reader.send('no'), () => writer.recv(), () => writer.poll(), () => writer.poll({ timeout: 5 })]
    const wrongSync = [() => reader.sendSync('no'), () => writer.recvSync(), () => writer.pollSync()]
    for (const call of [...wrong, ...(sync ? wrongSync : [])]) {
      const error = await thrown(call)
      expect(error).toBeInstanceOf(StateError)
      expect(error).toMatchObject({ code: 'MP_STATE' })
    }
    expect(
      await thrown(async () => {
        for await (const _ of writer);
      }),
    ).toBeInstanceOf(StateError)
  })

  suite.test('a one-way pipe keeps its direction when it travels', async ({ mp }) => {
    const [a, b] = mp.Pipe<unknown>()
    const [reader, writer] = mp.Pipe<unknown>({ duplex: false })
    await a.send([reader, writer])
    expect(((await b.recv()) as unknown[]).map((end, n) => end === [reader, writer][n])).toEqual([true, true])
    const [report, failures] = [new mp.Queue<unknown>(), new mp.Queue<unknown>()]
    const other = new mp.Process({ target: tryBothWays, args: [reader, writer, report, failures] }).start()
    await allEndWell([other])
    expect([report.tryGet(), failures.tryGet(), failures.tryGet()]).toEqual(['hello', 'MP_STATE', 'MP_STATE'])
  })
}
