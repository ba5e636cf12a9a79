import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { thrown } from '../../support/thrown.js'
import { double, failWith, type Told, tellTasks } from '../../workers/logging.js'

/** Tasks, told by the worker that runs them. */
export function tasks(suite: Suite): void {
  suite.test('the start and the end of each task, items of a map included', async ({ mp }) => {
    const told = new mp.Queue<Told>()
    await using pool = new mp.Pool({ processes: 1, initializer: tellTasks, initargs: [told] })
    expect(await pool.map(double, [1, 2, 3])).toEqual([2, 4, 6])
    await thrown(() => pool.apply(failWith, ['on purpose']))
    const messages: Told[] = []
    for (let one = told.tryGet(); one; one = told.tryGet()) messages.push(one)
    const agent = { name: pool.workers[0]?.name, pid: pool.workers[0]?.pid }
    const ids = messages.filter((_, n) => n % 2 === 0).map(({ start }) => start?.id)
    expect(new Set(ids).size).toBe(4)
    const done = { failed: false, error: undefined }
    const wanted = ids.flatMap((id, n) => {
      const about = { agent, target: n === 3 ? 'failWith' : 'double', id }
      const outcome = n === 3 ? { failed: true, error: expect.objectContaining({ message: 'on purpose' }) } : done
      return [{ start: about }, { end: { ...about, duration: expect.any(Number), ...outcome } }]
    })
    expect(messages).toEqual(wanted)
    expect(messages[7]?.end?.error).toBeInstanceOf(TypeError)
  })

  suite.test('what subscribes later hears of the tasks after that, and of none that it has left', async ({ mp }) => {
    const told = new mp.Queue<Told>()
    await using pool = new mp.Pool(1)
    await pool.apply(double, [1])
    expect(told.size).toBe(0)
    await pool.apply(tellTasks, [told])
    const before = told.size
    await pool.apply(double, [2])
    expect(told.size).toBe(before + 2)
  })
}
