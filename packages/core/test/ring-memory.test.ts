import { beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { ResourceError } from '../src/errors.js'
import type { Block } from '../src/memory/block.js'
import { INLINE_BYTES, type Outgoing, REVOKED } from '../src/queue/record.js'
import { EMPTY, Offered, Ring } from '../src/queue/ring.js'
import { dieAt, dyingAtEachStep } from './support/death.js'
import { arrive, bytes, drain, int, makeRing, take } from './support/ring.js'
import { TestFamily } from './support/test-family.js'

let first: Agent
let block: Block
let ring: Ring
beforeEach(() => {
  first = new TestFamily().first
  block = makeRing(first)
  ring = new Ring(first, block)
})
const blocks = () => first.heap.usage().blocks

describe('memory', () => {
  test('of segments goes back as they are read: one is left, however much has passed', () => {
    expect(blocks()).toBe(1)
    const offered = [0, 0, 0, 0].map((_, k) => Array.from({ length: 10 ** k }, (_, n) => n))
    for (const items of offered) {
      for (const n of items) ring.offer(int(n))
      const most = blocks()
      expect(drain(ring)).toEqual(items)
      expect([most >= 2, blocks()]).toEqual([true, 2])
    }
    const bytesThen = first.heap.usage().bytes
    for (let n = 0; n < 20_000; n++) {
      ring.offer(bytes(first, 600, n & 0xff))
      ring.offer(int(n))
      expect([take(ring), take(ring)]).toEqual([[600, n & 0xff], n])
    }
    expect(first.heap.usage()).toEqual({ blocks: 2, bytes: expect.any(Number) })
    expect(first.heap.usage().bytes).toBeLessThanOrEqual(Math.max(bytesThen, 2 ** 17))
  })

  test('of large items is theirs while they are queued', () => {
    const sizes = [INLINE_BYTES + 4, 50_000, 300_000]
    for (const size of sizes) ring.offer(bytes(first, size, 9))
    expect(blocks()).toBe(2 + sizes.length)
    for (const [n, size] of sizes.entries()) {
      expect([take(ring), blocks()]).toEqual([[size, 9], 2 + sizes.length - n - 1])
    }
  })

  test('of one whose item cannot be decoded goes back all the same', () => {
    for (const size of [100, 50_000]) ring.offer(bytes(first, size, 1))
    const fail = () => {
      throw new RangeError('not to be read')
    }
    for (let n = 0; n < 2; n++) expect(() => ring.take(fail)).toThrow('not to be read')
    expect([ring.size, blocks()]).toEqual([0, 2])
  })

  test('that is full when a segment is needed leaves the ring as it was', () => {
    ring.offer(int(1))
    const { memory, heap } = first
    const rest: number[] = []
    for (const size of [65_000, 16_000, 8000, 4000, 2000, 1000, 500, 200, 100, 50, 20]) {
      expect(() => {
        for (;;) rest.push(heap.allocate(size, false))
      }).toThrow(ResourceError)
    }
    expect(memory.size()).toBe(memory.capacity)
    let put = 1
    expect(() => {
      for (;;) if (ring.offer(int(put + 1)) === Offered.done) put++
    }).toThrow(ResourceError)
    expect([ring.size, put > 10]).toEqual([put, true])
    for (const one of rest.splice(0)) heap.free(one)
    ring.offer(int(put + 1))
    expect(drain(ring)).toEqual(Array.from({ length: put + 1 }, (_, n) => n + 1))
  })

  test('of a ring that nobody has is free, whatever was in it', () => {
    for (let n = 0; n < 2000; n += 4) ring.offer(n % 20 === 0 ? bytes(first, 9000, n & 0xff) : bytes(first, n, n & 0xff))
    for (let n = 0; n < 200; n++) take(ring)
    first.ledger.release(block.id)
    first.collectGarbage()
    expect(first.heap.usage()).toEqual({ blocks: 0, bytes: 0 })
  })
})

test('what is revoked is passed over, and its memory goes back', () => {
  for (let n = 0; n < 6; n++) ring.offer(n % 2 === 0 ? int(n) : bytes(first, 20_000, n))
  ring.revoke((number) => number === 2 || number >= 4)
  expect(drain(ring)).toEqual([0, [20_000, 1], REVOKED, [20_000, 3], REVOKED, REVOKED])
  expect(blocks()).toBe(2)
})

test.each([false, true])('a ring that is shut takes nothing more; what is in it is dropped: %s', (drop) => {
  for (let n = 0; n < 5; n++) ring.offer(bytes(first, 20_000, n))
  ring.shut(drop)
  const late = bytes(first, 20_000, 7)
  expect([ring.isShut, ring.offer(late), ring.size]).toEqual([true, Offered.shut, drop ? 0 : 5])
  first.heap.free(late.address)
  expect(drain(ring).length).toBe(drop ? 0 : 5)
  expect([take(ring), blocks()]).toEqual([EMPTY, 2])
})

describe('an agent that dies', () => {
  const sizes: [string, (agent: Agent) => Outgoing, unknown][] = [
    ['an integer', () => int(7), 7],
    ['bytes for which a segment is needed', (agent) => bytes(agent, 480, 7), [480, 7]],
    ['a large item', (agent) => bytes(agent, 20_000, 7), [20_000, 7]],
  ]

  /** What the others find when `act` was broken off at each of its steps. Nothing may be left behind in any case. */
  function outcomes(
    record: (agent: Agent) => Outgoing,
    act: (ring: Ring, record: Outgoing) => void,
    before: (ring: Ring, agent: Agent) => void,
  ) {
    const found = new Set<string>()
    dyingAtEachStep((step) => {
      const family = new TestFamily()
      const { first: survivor } = family
      const victim = family.join()
      const shared = makeRing(survivor)
      const mine = new Ring(survivor, shared)
      const theirs = new Ring(victim, arrive(victim, shared))
      before(mine, survivor)
      const item = record(victim)
      const died = dieAt(step, () => act(theirs, item))
      family.bury(victim)
      survivor.collectGarbage()
      mine.offer(int(99))
      found.add(JSON.stringify(drain(mine)))
      expect(mine.size).toBe(0)
      survivor.ledger.release(shared.id)
      survivor.collectGarbage()
      expect(survivor.heap.usage(), `step ${step}`).toEqual({ blocks: 0, bytes: 0 })
      return died
    })
    return [...found].map((one) => JSON.parse(one))
  }

  test.each(sizes)('putting %s has put it, or nothing, and takes nothing with it', (_, record, item) => {
    const found = outcomes(
      record,
      (theirs, one) => theirs.offer(one),
      (mine) => [1, 2].map((n) => mine.offer(int(n))),
    )
    expect(found).toEqual([
      [1, 2, 99],
      [1, 2, item, 99],
    ])
  })

  test.each(sizes)('taking %s takes that one, or none, and the rest is there', (_, record, item) => {
    const found = outcomes(
      () => int(0),
      (theirs) => void take(theirs),
      (mine, agent) => {
        // The one to be taken is at the beginning of a segment.
        mine.offer(bytes(agent, 464, 1))
        mine.offer(record(agent))
        take(mine)
        mine.offer(int(2))
      },
    )
    expect(found).toEqual([
      [item, 2, 99],
      [2, 99],
    ])
  })
})
