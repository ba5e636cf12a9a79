import { ClosedError, type JoinableQueue, type Queue, type SimpleQueue, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** Waits until all items are done; reports how many there are by then, or the code of the error it got instead. */
export const joinAndTell = task(
  import.meta,
  async function joinAndTell(queue: JoinableQueue<unknown>, done: Value, asked: Value, report: Queue<unknown>, form: Form) {
    asked.add(1)
    let outcome: unknown
    try {
      if (form === 'sync') queue.joinSync()
      else await queue.join()
      outcome = done.value
    } catch (error) {
      outcome = (error as { code?: unknown }).code ?? String(error)
    }
    await report.put(outcome)
  },
)

/** Does what comes, until the queue is shut down. Counts what it got before, and what it did after it said so. */
export const doTasks = task(
  import.meta,
  async function doTasks(queue: JoinableQueue<unknown>, got: Value, done: Value, form: Form) {
    try {
      for (;;) {
        if (form === 'sync') queue.getSync()
        else await queue.get()
        got.add(1)
        done.add(1)
        queue.taskDone()
      }
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error
    }
  },
)

/** Gets one item, says so, and keeps it. */
export const keepOne = task(import.meta, async function keepOne(queue: JoinableQueue<unknown>, got: Value, never: Queue) {
  await queue.get()
  got.add(1)
  await never.get()
})

/** Puts numbers, counting those that are in. */
export const putTasks = task(
  import.meta,
  async function putTasks(queue: JoinableQueue<number>, count: number, put: Value, form: Form) {
    for (let n = 0; n < count; n++) {
      if (form === 'sync') queue.putSync(n)
      else await queue.put(n)
      put.add(1)
    }
  },
)

/** Doubles what comes, until -1 does. */
export const double = task(
  import.meta,
  async function double(inbox: SimpleQueue<number>, outbox: SimpleQueue<number>, form: Form) {
    for (;;) {
      const n = form === 'sync' ? inbox.getSync() : await inbox.get()
      if (n < 0) return
      if (form === 'sync') outbox.putSync(2 * n)
      else await outbox.put(2 * n)
    }
  },
)
