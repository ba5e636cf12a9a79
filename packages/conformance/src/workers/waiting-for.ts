import { type Connection, getContext, type Queue, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** Sends the numbers of one of many, and closes the end. */
export const sendAndClose = task(
  import.meta,
  async function sendAndClose(connection: Connection<[from: number, n: number]>, from: number, count: number) {
    for (let n = 0; n < count; n++) await connection.send([from, n])
    connection.close()
  },
)

/** Does one thing when it is told to. */
export const onceTold = task(
  import.meta,
  async function onceTold(go: Queue, what: 'return' | 'exit' | 'put' | 'shutdown' | 'send' | 'close', on: Queue | Connection) {
    await go.get()
    if (what === 'exit') process.exit(3)
    if (what === 'put') await (on as Queue).put('an item')
    if (what === 'shutdown') (on as Queue).shutdown()
    if (what === 'send') await (on as Connection).send('a message')
    if (what === 'close') (on as Connection).close()
  },
)

/** Gets items until -1 comes, counting them. */
export const takeAll = task(import.meta, async function takeAll(queue: Queue<number>, taken: Value, asked: Value, form: Form) {
  asked.add(1)
  for (;;) {
    const item = form === 'sync' ? queue.getSync() : await queue.get()
    if (item < 0) return
    taken.add(1)
  }
})

/** Answers what comes by the queue or the pipe, whichever it is, `rounds` times, without a turn of its event loop. */
export const waitInTurn = task(
  import.meta,
  async function waitInTurn(
    backend: string,
    queue: Queue<number>,
    answers: Connection<number>,
    pipe: Connection<number>,
    rounds: number,
  ) {
    const { waitSync } = await getContext(backend)
    for (let n = 0; n < rounds; n++) {
      const [ready] = waitSync([pipe, queue])
      answers.sendSync(ready === queue ? queue.getSync() : pipe.recvSync())
    }
  },
)

/** Puts each number that comes into several queues, one after the other, until -1 comes. */
export const putInTurn = task(import.meta, function putInTurn(numbers: Queue<number>, queues: readonly Queue<number>[]) {
  for (let n = numbers.getSync(); n >= 0; n = numbers.getSync()) {
    for (const queue of queues) queue.putSync(n)
  }
})

/** Blocks, saying so before. */
export const waitForEver = task(import.meta, async function waitForEver(backend: string, never: Queue, asked: Value) {
  const { waitSync } = await getContext(backend)
  asked.add(1)
  waitSync([never])
})
