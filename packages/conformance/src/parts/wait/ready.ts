import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { formsOf } from '../../support/forms.js'
import { allEndWell } from '../../support/processes.js'
import { waitIn } from '../../support/wait-forms.js'

/** What is ready, and in which order it is given. */
export function ready(suite: Suite): void {
  for (const form of formsOf(suite.capabilities)) {
    suite.test(`nothing to wait for: an empty array, at once (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      expect(await wait([])).toEqual([])
      expect(await wait([], { timeout: 0 })).toEqual([])
    })

    suite.test(`nothing is ready in time: an empty array (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const [a, b] = mp.Pipe()
      const things = [a, b, new mp.Queue(), new mp.JoinableQueue(), new mp.SimpleQueue()]
      for (const timeout of [0, 1, 20]) expect(await wait(things, { timeout })).toEqual([])
    })

    suite.test(`those that are ready come in the order given, as the objects that they are (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const [a, b] = mp.Pipe<number>()
      const [queue, shut, idle] = [new mp.Queue<number>(), new mp.Queue<number>(), new mp.Queue<number>()]
      const [joinable, simple] = [new mp.JoinableQueue<number>(), new mp.SimpleQueue<number>()]
      const [other, closed] = mp.Pipe<number>()
      const ended = new mp.Process({ target: () => {} }).start()
      await allEndWell([ended])
      await b.send(1)
      queue.tryPut(1)
      joinable.tryPut(1)
      await simple.put(1)
      shut.shutdown()
      closed.close()
      const all = [simple, ended, shut, idle, a, joinable, b, queue, other]
      const wanted = all.filter((thing) => thing !== idle && thing !== b)
      const seen = await wait(all)
      expect(seen.map((thing) => all.indexOf(thing))).toEqual(wanted.map((thing) => all.indexOf(thing)))
      const again = await wait(new Set([...all].reverse()), { timeout: 5 })
      expect(again.map((thing) => all.indexOf(thing))).toEqual(wanted.map((thing) => all.indexOf(thing)).reverse())
      expect((await wait([queue, queue])).length).toBe(2)
    })

    suite.test(`nothing is taken (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const [a, b] = mp.Pipe<number>()
      const queue = new mp.JoinableQueue<number>()
      await b.send(1)
      queue.tryPut(2)
      for (let n = 0; n < 5; n++) expect((await wait([a, queue])).length).toBe(2)
      expect([await a.recv(), queue.tryGet(), await a.poll(), queue.size]).toEqual([1, 2, false, 0])
      expect(await wait([a, queue], { timeout: 0 })).toEqual([])
    })

    suite.test(`a queue is ready when it is shut down, also when it is drained (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const queue = new mp.Queue<number>()
      queue.tryPut(1)
      queue.shutdown()
      expect(await wait([queue])).toHaveLength(1)
      queue.tryGet()
      expect(await wait([queue])).toHaveLength(1)
    })

    suite.test(`a process that runs is not ready (${form})`, async ({ mp }) => {
      const wait = waitIn(mp, form)
      const never = new mp.Queue()
      const running = new mp.Process({ target: (never) => never.get().then(() => {}), args: [never] }).start()
      expect(await wait([running], { timeout: 20 })).toEqual([])
      never.tryPut('go')
      expect((await wait([running]))[0] === running).toBe(true)
      expect(running.exitCode).toBe(0)
    })
  }
}
