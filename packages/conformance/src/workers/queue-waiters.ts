import { type Queue, task, type Value } from '@multiproc/core'
import type { Form } from '../support/forms.js'

/** Puts 0, 1, …; counts what it has asked for and what was done. */
export const putThenTell = task(
  import.meta,
  async function putThenTell(queue: Queue<number>, asked: Value, done: Value, count: number, form: Form) {
    for (let n = 0; n < count; n++) {
      asked.add(1)
      if (form === 'sync') queue.putSync(n)
      else await queue.put(n)
      done.add(1)
    }
  },
)

/** Waits for one item; reports it, or the code of the error it got instead. */
export const getOne = task(
  import.meta,
  async function getOne(queue: Queue<unknown>, asked: Value, report: Queue<unknown>, form: Form) {
    asked.add(1)
    let outcome: unknown
    try {
      outcome = form === 'sync' ? queue.getSync() : await queue.get()
    } catch (error) {
      outcome = (error as { code?: unknown }).code ?? String(error)
    }
    await report.put(outcome)
  },
)

/** Puts one item; reports it when done, or the code of the error it got instead. */
export const putOne = task(
  import.meta,
  async function putOne(queue: Queue<unknown>, item: unknown, asked: Value, report: Queue<unknown>, form: Form) {
    asked.add(1)
    let outcome = item
    try {
      if (form === 'sync') queue.putSync(item)
      else await queue.put(item)
    } catch (error) {
      outcome = (error as { code?: unknown }).code ?? String(error)
    }
    await report.put(outcome)
  },
)

export const shutQueue = task(import.meta, function shutQueue(queue: Queue<unknown>, immediate: boolean) {
  queue.shutdown({ immediate })
})
