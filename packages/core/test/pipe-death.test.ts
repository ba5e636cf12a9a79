import { describe, expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import type { Connection } from '../src/contracts/connection.js'
import { ClosedError } from '../src/errors.js'
import { Pipe } from '../src/queue/pipe.js'
import { SHARE, type Shareable } from '../src/wire/shareable.js'
import { arriveAt } from './support/arrive.js'
import { dieAt, dyingAtEachStep } from './support/death.js'
import { TestFamily } from './support/test-family.js'
import { TestMemory } from './support/test-memory.js'

interface Joined {
  readonly agent: Agent
  readonly end: Connection
}

/** A family with a pipe: the first agent has one end, and those that a test lets join the other. */
class Scene {
  readonly family: TestFamily
  readonly first: Agent
  readonly #there: Connection
  readonly here: Connection

  constructor(bytes = 2 ** 22) {
    this.family = new TestFamily(new TestMemory(bytes))
    this.first = this.family.first
    ;[this.here, this.#there] = Pipe.create(this.first)
  }

  join(): Joined {
    const agent = this.family.join()
    return { agent, end: arriveAt(agent, this.#there) }
  }

  bury(agent: Agent): void {
    this.family.bury(agent)
    this.first.mourn()
  }

  /** Nobody here has the pipe any more. */
  drop(): void {
    this.first.ledger.release((this.here as unknown as Shareable)[SHARE]().parts[0]?.[SHARE]().id as number)
  }

  /** Blocks of memory in use, without what the dead left. */
  get blocks(): number {
    this.first.collectGarbage()
    return this.first.heap.usage().blocks
  }
}

const isClosed = (use: () => unknown): boolean => {
  try {
    use()
    return false
  } catch (error) {
    if (error instanceof ClosedError) return true
    throw error
  }
}

describe('users', () => {
  test('any number: the end is closed when the last of them is buried, and not before', () => {
    const scene = new Scene(2 ** 24)
    const users = Array.from({ length: 200 }, () => scene.join())
    for (const { end } of users) expect(end.pollSync()).toBe(false)
    const [first, last] = [users[0], users[199]] as [Joined, Joined]
    for (const { agent } of users.slice(1, 199)) scene.bury(agent)
    // The pipe and three further chunks, whose makers have died.
    expect([scene.here.pollSync(), scene.blocks]).toEqual([false, 4])
    scene.bury(first.agent)
    expect(scene.here.pollSync()).toBe(false)
    scene.bury(last.agent)
    expect([scene.here.pollSync(), isClosed(() => scene.here.recvSync())]).toEqual([true, true])
    scene.drop()
    expect(scene.blocks).toBe(0)
  })

  test('take no more memory than as many as lived at the same time', () => {
    const scene = new Scene(2 ** 24)
    const stays = scene.join()
    stays.end.pollSync()
    const before = scene.blocks
    for (let n = 0; n < 500; n++) {
      const { agent, end } = scene.join()
      end.sendSync(n)
      expect(scene.here.recvSync()).toBe(n)
      scene.bury(agent)
    }
    // A segment of the ring came with the first message.
    expect(scene.blocks).toBe(before + 1)
    expect(scene.here.pollSync()).toBe(false)
  })

  test('one that ended and is not buried yet is seen by who looks', () => {
    for (const look of ['recvSync', 'pollSync', 'pollSync, waiting'] as const) {
      const scene = new Scene()
      const { agent, end } = scene.join()
      end.sendSync('last words')
      scene.family.end(agent)
      expect(scene.here.recvSync()).toBe('last words')
      if (look === 'recvSync') expect(isClosed(() => scene.here.recvSync())).toBe(true)
      else expect(scene.here.pollSync(look === 'pollSync' ? undefined : {})).toBe(true)
      expect(isClosed(() => scene.here.sendSync('to nobody'))).toBe(true)
    }
  })

  test('one that dies while it enters leaves no doubt, however many there are', () => {
    for (const others of [0, 1, 30, 31]) {
      dyingAtEachStep((step) => {
        const scene = new Scene()
        const living = Array.from({ length: others }, () => scene.join())
        for (const { end } of living) end.pollSync()
        const victim = scene.join()
        const died = dieAt(step, () => void victim.end.pollSync())
        scene.bury(victim.agent)
        if (others > 0) {
          expect([scene.here.pollSync(), ...living.map(({ end }) => end.pollSync())]).not.toContain(true)
          for (const { agent } of living) scene.bury(agent)
        }
        const next = scene.join()
        const isOpen = !scene.here.pollSync()
        // Nobody had used it: what it was about to do has not happened.
        expect(isOpen).toBe(others === 0 && died && !isClosed(() => next.end.sendSync('first')))
        scene.bury(next.agent)
        if (isOpen) expect(scene.here.recvSync()).toBe('first')
        expect(isClosed(() => scene.here.recvSync())).toBe(true)
        // The pipe, a chunk of users, a segment.
        expect(scene.blocks).toBeLessThanOrEqual(3)
        return died
      })
    }
  })
})

describe('who dies', () => {
  test('while it closes an end has closed it or not, in both directions, and whoever waits is told', async () => {
    let [open, closed] = [0, 0]
    const waits: Promise<unknown>[] = []
    dyingAtEachStep((step) => {
      const scene = new Scene()
      const [victim, other] = [scene.join(), scene.join()]
      victim.end.sendSync('sent before')
      other.end.pollSync()
      scene.here.sendSync('not received')
      const [first, second] = [scene.here.recv(), scene.here.recv()]
      const died = dieAt(step, () => victim.end.close())
      scene.bury(victim.agent)
      const isOpen = !isClosed(() => other.end.pollSync())
      expect(isClosed(() => scene.here.sendSync('more'))).toBe(!isOpen)
      if (isOpen) {
        open++
        expect([other.end.recvSync(), other.end.recvSync()]).toEqual(['not received', 'more'])
        other.end.sendSync('still here')
      } else closed++
      const ends = second.catch((error) => error instanceof ClosedError)
      waits.push(Promise.all([first, ends]).then((got) => expect(got).toEqual(['sent before', isOpen ? 'still here' : true])))
      return died
    })
    await Promise.all(waits)
    expect([open > 0, closed > 0]).toEqual([true, true])
  })

  test('while it sends has sent the whole message or nothing, and whoever waits is told', async () => {
    const seen = new Set<unknown>()
    const scenes: Promise<void>[] = []
    for (const message of ['small', 'large '.repeat(5000)]) {
      dyingAtEachStep((step) => {
        const scene = new Scene()
        const victim = scene.join()
        victim.end.pollSync()
        const waits = [scene.here.recv(), scene.here.recv()].map((wait) => wait.catch((error) => error))
        const died = dieAt(step, () => victim.end.sendSync(message))
        scene.bury(victim.agent)
        scenes.push(
          Promise.all(waits).then(([first, second]) => {
            seen.add(first instanceof ClosedError ? 'nothing' : first)
            expect(second).toBeInstanceOf(ClosedError)
          }),
        )
        return died
      })
    }
    await Promise.all(scenes)
    expect(seen).toEqual(new Set(['nothing', 'small', 'large '.repeat(5000)]))
  })

  test('while it receives takes at most the message in its hand', () => {
    dyingAtEachStep((step) => {
      const scene = new Scene()
      const [victim, other] = [scene.join(), scene.join()]
      victim.end.pollSync()
      other.end.pollSync()
      for (let n = 0; n < 3; n++) scene.here.sendSync({ n, text: 'x'.repeat(200) })
      const died = dieAt(step, () => void victim.end.recvSync())
      scene.bury(victim.agent)
      const left: number[] = []
      while (other.end.pollSync()) left.push((other.end.recvSync() as { n: number }).n)
      expect([0, 1].map((from) => [0, 1, 2].slice(from))).toContainEqual(left)
      return died
    })
  })
})
