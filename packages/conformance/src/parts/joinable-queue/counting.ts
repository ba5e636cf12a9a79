import { QueueFullError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown, thrownAtOnce } from '../../support/thrown.js'

/** How many items are unfinished. */
export function counting(suite: Suite): void {
  suite.test('it is a Queue', async ({ mp }) => {
    const queue = new mp.JoinableQueue<number>({ maxsize: 2 })
    expect([queue instanceof mp.JoinableQueue, queue instanceof mp.Queue, queue.maxsize]).toEqual([true, true, 2])
    expect([queue.tryPut(1), queue.tryPut(2), queue.tryPut(3), queue.full]).toEqual([true, true, false, true])
    expect([await queue.get(), queue.tryGet(), queue.tryGet()]).toEqual([1, 2, undefined])
    expect(new mp.JoinableQueue(3).maxsize).toBe(3)
    expect(thrownAtOnce(() => new mp.JoinableQueue(-1))).toBeInstanceOf(RangeError)
    expect(new mp.Queue() instanceof mp.JoinableQueue).toBe(false)
  })

  suite.test('one taskDone too many is a RangeError, and changes nothing', async ({ mp }) => {
    const queue = new mp.JoinableQueue<number>()
    expect(thrownAtOnce(() => queue.taskDone())).toBeInstanceOf(RangeError)
    for (let n = 0; n < 3; n++) queue.tryPut(n)
    for (let n = 0; n < 3; n++) {
      queue.tryGet()
      queue.taskDone()
    }
    expect(thrownAtOnce(() => queue.taskDone())).toBeInstanceOf(RangeError)
    queue.tryPut(4)
    queue.taskDone()
    expect(thrownAtOnce(() => queue.taskDone())).toBeInstanceOf(RangeError)
    await queue.join()
  })

  suite.test('a put that did not happen does not count', async ({ mp }) => {
    const queue = new mp.JoinableQueue<unknown>(1)
    queue.tryPut(1)
    expect(queue.tryPut(2)).toBe(false)
    expect(await thrown(() => queue.put(3, { timeout: 1 }))).toBeInstanceOf(QueueFullError)
    expect(thrownAtOnce(() => queue.tryPut(() => {}))).toBeInstanceOf(Error)
    queue.taskDone()
    await queue.join({ timeout: 0 })
  })

  suite.test('what an immediate shutdown drops counts as done, what somebody holds does not', async ({ mp }) => {
    const queue = new mp.JoinableQueue<unknown>()
    for (let n = 0; n < 5; n++) queue.tryPut({ n, large: new Uint8Array(20_000) })
    queue.tryGet()
    queue.tryGet()
    queue.taskDone()
    const joined = queue.join()
    queue.shutdown({ immediate: true })
    expect(await thrown(() => queue.join({ timeout: 5 }))).toMatchObject({ code: 'MP_TIMEOUT' })
    queue.taskDone()
    await joined
    await queue.join()
    expect(thrownAtOnce(() => queue.taskDone())).toBeInstanceOf(RangeError)
  })

  suite.test('an immediate shutdown may be all that a join waited for', async ({ mp }) => {
    const queue = new mp.JoinableQueue<number>()
    queue.tryPut(1)
    const joined = queue.join()
    queue.shutdown()
    expect(await thrown(() => queue.join({ timeout: 5 }))).toMatchObject({ code: 'MP_TIMEOUT' })
    queue.shutdown({ immediate: true })
    await joined
  })

  suite.test('tasks called done before an immediate shutdown are not owed afterwards', async ({ mp }) => {
    const queue = new mp.JoinableQueue<number>()
    for (let n = 0; n < 3; n++) queue.tryPut(n)
    queue.taskDone()
    queue.taskDone()
    queue.shutdown({ immediate: true })
    await queue.join({ timeout: 0 })
    expect(thrownAtOnce(() => queue.taskDone())).toBeInstanceOf(RangeError)
  })
}
