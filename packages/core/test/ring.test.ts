import { beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { ResourceError } from '../src/errors.js'
import type { Block } from '../src/memory/block.js'
import { INLINE_BYTES } from '../src/queue/record.js'
import { EMPTY, Offered, Ring } from '../src/queue/ring.js'
import { random } from './support/random-values.js'
import { arrive, bytes, drain, int, makeRing, sizeTaking, take } from './support/ring.js'
import { TestFamily } from './support/test-family.js'
import { TestMemory } from './support/test-memory.js'

let first: Agent
let other: Agent
let block: Block
beforeEach(() => {
  const family = new TestFamily()
  first = family.first
  other = family.join()
  block = makeRing(first)
})

/** Lets nobody hold the ring any more, and looks whether anything of it is left. */
function usageAfter(ring: Block): number {
  for (const agent of [first, other]) agent.ledger.release(ring.id)
  first.collectGarbage()
  return first.heap.usage().blocks
}

describe('records', () => {
  test('of every size, at every place, in both ends of a segment, come out as they went in', () => {
    // The first segment holds 488 bytes of records.
    for (let before = 8; before <= 504; before += 8) {
      for (let space = 8; space <= 504; space += 8) {
        const one = makeRing(first)
        const ring = new Ring(first, one)
        const sizes = [sizeTaking(before), sizeTaking(space), 4]
        for (const [n, size] of sizes.entries()) ring.offer(bytes(first, size, n + 1))
        // Where nothing is written there is nothing to be seen of the stamp.
        const want = sizes.map((size, n) => [size, size === 0 ? undefined : n + 1])
        expect(drain(ring), `${space} bytes after ${before}`).toEqual(want)
        first.ledger.release(one.id)
      }
      first.collectGarbage()
    }
    expect(usageAfter(block)).toBe(0)
  })

  test.each([512, 1024, 2048, 4096, 8192])(
    'leave room for the way to the next segment, also where they fill a block of %i',
    (block) => {
      const neighbours: number[] = []
      for (const space of [block - 32, block - 24, block - 16, block - 8]) {
        const ring = new Ring(first, makeRing(first))
        ring.offer(bytes(first, sizeTaking(space), 1))
        neighbours.push(first.heap.allocate(block - 8, false))
        ring.offer(int(2))
        expect(neighbours.map((one) => first.heap.owner(one))).toEqual(neighbours.map(() => first.tag))
        expect(drain(ring)).toEqual([[sizeTaking(space), 1], 2])
      }
    },
  )

  test.each([0, 1, 2, 3])('with %i handles after their bytes do not touch their neighbours', (count) => {
    const ring = new Ring(first, block)
    const handles = Array(count).fill(0)
    const sizes = [4, 8, 12, 256, 260, INLINE_BYTES, INLINE_BYTES + 4, 100_000, 4]
    for (const [n, size] of sizes.entries()) ring.offer(bytes(first, size, n + 1, handles))
    expect(drain(ring)).toEqual(sizes.map((size, n) => [size, n + 1]))
  })

  test.each([1, 2, 3, 4])('put and taken by two agents at random are those of a list: seed %i', (seed) => {
    const next = random(seed)
    const rings = [new Ring(first, block), new Ring(other, arrive(other, block))] as const
    const queued: unknown[] = []
    for (let step = 0; step < 4000; step++) {
      const n = next() < 0.5 ? 0 : 1
      const ring = rings[n]
      // Now it grows long, now it runs empty.
      if (next() < (step % 1000 < 500 ? 0.3 : 0.7)) expect(take(ring)).toEqual(queued.length === 0 ? EMPTY : queued.shift())
      else if (next() < 0.3) {
        ring.offer(int(step))
        queued.push(step)
      } else {
        const size = 4 + Math.floor(2 ** (next() * 14) / 4) * 4
        ring.offer(bytes(n === 0 ? first : other, size, step & 0xff))
        queued.push([size, step & 0xff])
      }
      expect(rings[1 - n]?.size).toBe(queued.length)
    }
    expect([drain(rings[0]), take(rings[1]), rings[0].puts === rings[1].gets]).toEqual([queued, EMPTY, true])
    expect(usageAfter(block)).toBe(0)
  })

  test('in a segment of several pages are seen by who had another one at its place before the memory grew', () => {
    const memory = new TestMemory(2 ** 22, 1)
    const family = new TestFamily(memory)
    const { first: a } = family
    const b = family.join()
    const shared = makeRing(a)
    const [ofA, ofB] = [new Ring(a, shared), new Ring(b, arrive(b, shared))]
    // All pages are in use but the last one.
    memory.limit = memory.size()
    const pages: number[] = []
    expect(() => {
      for (;;) pages.push(a.heap.allocate(65528, false))
    }).toThrow(ResourceError)
    a.heap.free(pages.pop() as number)
    const page = () => Array(15_000).fill(0)
    ofA.offer(bytes(a, 4, 1, page()))
    expect(take(ofB)).toEqual([4, 1])
    a.heap.free(pages.shift() as number)
    ofB.offer(int(2))
    expect(take(ofB)).toBe(2)
    // That gave the last page back, and now it is the first of many.
    memory.limit = memory.capacity
    ofB.offer(bytes(b, 4, 3, Array(60_000).fill(0)))
    ofA.offer(int(4))
    expect(drain(ofB)).toEqual([[4, 3], 4])
  })
})

/** Lets a fresh ring's counters go on from `count`, which must be even as they are. */
function startAt(ring: Ring, { views, at }: Block, count: number): void {
  const [PUTS, GETS] = [13, 26]
  for (const word of [PUTS, GETS]) {
    expect(views.i32[at + word]).toBe(2)
    views.i32[at + word] = count
  }
  expect([ring.puts, ring.gets, ring.size]).toEqual([count | 0, count | 0, 0])
}

describe.each([2 ** 31 - 10, 2 ** 32 - 10])('counters that start at %i', (start) => {
  test.each([0, 3, 7])('go on past the end of their range, with room for %i', (maxsize) => {
    const bounded = makeRing(first, maxsize)
    const ring = new Ring(first, bounded)
    for (let n = 0; n < 2; n++) {
      ring.offer(int(n))
      take(ring)
    }
    startAt(ring, bounded, start)
    const seen: unknown[] = []
    let put = 0
    for (let round = 0; round < 20; round++) {
      while (ring.size < (maxsize || 5)) expect(ring.offer(bytes(first, 200, put++))).toBe(Offered.done)
      if (maxsize > 0) expect(ring.offer(int(0))).toBe(Offered.full)
      for (let n = round % 3; n >= 0; n--) seen.push(take(ring))
    }
    expect([ring.puts, ring.size]).toEqual([(start + put) | 0, put - seen.length])
    seen.push(...drain(ring))
    expect(seen).toEqual(Array.from({ length: put }, (_, n) => [200, n]))
  })

  test('name the records that are claimed and revoked', () => {
    const ring = new Ring(first, block)
    for (let n = 0; n < 2; n++) {
      ring.offer(int(n))
      take(ring)
    }
    startAt(ring, block, start)
    for (let n = 0; n < 20; n++) ring.offer(int(n))
    const named: number[] = []
    ring.revoke((number) => {
      named.push(number)
      return false
    })
    const claimed: number[] = []
    while (ring.take(undefined, (number) => claimed.push(number) > 0) !== EMPTY);
    expect(named).toEqual(Array.from({ length: 20 }, (_, n) => (start + n) | 0))
    expect(claimed).toEqual(named)
  })
})

test('size and room are what they seem at every step', () => {
  const ring = new Ring(first, makeRing(first, 2))
  const offer = (n: number) => [ring.offer(int(n)), ring.size]
  expect([take(ring), ring.size, ring.maxsize, ring.isShut]).toEqual([EMPTY, 0, 2, false])
  expect([offer(1), offer(2), offer(3)]).toEqual([
    [Offered.done, 1],
    [Offered.done, 2],
    [Offered.full, 2],
  ])
  expect([take(ring), offer(4), offer(5)]).toEqual([1, [Offered.done, 2], [Offered.full, 2]])
  expect([drain(ring), ring.size]).toEqual([[2, 4], 0])
})
