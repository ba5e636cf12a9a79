import { type Connection, type Queue, task, type Value } from '@multiproc/core'
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
