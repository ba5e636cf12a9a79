import { expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { ClosedError } from '../src/errors.js'
import { JoinableQueue } from '../src/queue/joinable-queue.js'
import { arriveAt } from './support/arrive.js'
import { dieAt, dyingAtEachStep } from './support/death.js'
import { TestFamily } from './support/test-family.js'

/** A queue with some items, and one who will die at it. */
class Scene {
  readonly family = new TestFamily()
  readonly queue = JoinableQueue.create<unknown>(this.family.first)
  readonly victim: Agent
  readonly there: JoinableQueue

  constructor(items: number) {
    for (let n = 0; n < items; n++) this.queue.putSync(n)
    this.victim = this.family.join()
    this.there = arriveAt(this.victim, this.queue as JoinableQueue)
  }

  bury(): void {
    this.family.bury(this.victim)
    this.family.first.mourn()
  }
}

/** How many times `taskDone` can still be called. Calls them. */
function owed(queue: JoinableQueue): number {
  for (let n = 0; ; n++) {
    try {
      queue.taskDone()
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
      return n
    }
  }
}

test('who dies while it says that a task is done has said so or not', () => {
  const seen = new Set<number>()
  dyingAtEachStep((step) => {
    const scene = new Scene(3)
    const died = dieAt(step, () => scene.there.taskDone())
    scene.bury()
    seen.add(owed(scene.queue))
    scene.queue.joinSync({ timeout: 0 })
    return died
  })
  expect(seen).toEqual(new Set([3, 2]))
})

test('who dies while it says that the last task is done leaves nobody waiting who should not', async () => {
  const joins: Promise<unknown>[] = []
  const left = new Set<number>()
  dyingAtEachStep((step) => {
    const scene = new Scene(1)
    const joined = scene.queue.join()
    const died = dieAt(step, () => scene.there.taskDone())
    scene.bury()
    // Where it had not said so, the wait goes on until somebody does.
    left.add(owed(scene.queue))
    joins.push(joined)
    return died
  })
  await Promise.all(joins)
  expect(left).toEqual(new Set([0, 1]))
})

test('who dies while it puts has put an item that counts, or nothing', () => {
  dyingAtEachStep((step) => {
    const scene = new Scene(1)
    const died = dieAt(step, () => scene.there.putSync('x'.repeat(400)))
    scene.bury()
    const size = scene.queue.size
    expect([1, 2]).toContain(size)
    expect(owed(scene.queue)).toBe(size)
    return died
  })
})

test('who dies while it gets leaves what it took unfinished', () => {
  dyingAtEachStep((step) => {
    const scene = new Scene(3)
    const died = dieAt(step, () => void scene.there.getSync())
    scene.bury()
    expect(owed(scene.queue)).toBe(3)
    return died
  })
})

test('who dies while it drops what is left has dropped all or nothing', async () => {
  const waits: Promise<unknown>[] = []
  const seen = new Set<string>()
  dyingAtEachStep((step) => {
    const scene = new Scene(4)
    scene.queue.tryGet()
    const joined = scene.queue.join()
    const died = dieAt(step, () => scene.there.shutdown({ immediate: true }))
    scene.bury()
    const { size } = scene.queue
    let shut = false
    try {
      scene.queue.tryPut('one more')
    } catch (error) {
      expect(error).toBeInstanceOf(ClosedError)
      shut = true
    }
    seen.add(`${size} left, ${shut ? 'shut' : 'open'}`)
    for (let n = 0; n < size; n++) expect(scene.queue.tryGet()).toBe(n + 1)
    if (shut) expect(() => scene.queue.tryGet()).toThrow(ClosedError)
    expect(owed(scene.queue)).toBe(size + 1 + (shut ? 0 : 1))
    waits.push(joined)
    return died
  })
  await Promise.all(waits)
  expect(seen).toEqual(new Set(['3 left, open', '3 left, shut', '0 left, shut']))
})

test('who waits is told of the drop at the burial of the one who dropped', async () => {
  const waits: Promise<unknown>[] = []
  let dropped = 0
  dyingAtEachStep((step) => {
    const scene = new Scene(2)
    const joined = scene.queue.join()
    const died = dieAt(step, () => scene.there.shutdown({ immediate: true }))
    scene.bury()
    waits.push(joined)
    if (scene.queue.size === 0) dropped++
    else expect(owed(scene.queue)).toBe(2)
    return died
  })
  await Promise.all(waits)
  expect(dropped).toBeGreaterThan(0)
})
