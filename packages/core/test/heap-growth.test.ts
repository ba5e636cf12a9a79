import { describe, expect, test } from 'vitest'
import { ResourceError, TooLargeError } from '../src/errors.js'
import { PAGE_BYTES } from '../src/memory/layout.js'
import { blocksOf, fill, HEADER, isFilled, setup, untilFull } from './support/heap.js'
import { random } from './support/random-values.js'
import { TestMemory } from './support/test-memory.js'

describe('growth', () => {
  test('makes room as it is needed; no block crosses from one segment into the next', () => {
    const { heap, memory, space } = setup(new TestMemory(2 ** 20, 6))
    const before = memory.size()
    const bytes = 5 * PAGE_BYTES - HEADER
    const blocks: number[] = []
    expect(() => {
      for (;;) blocks.push(heap.allocate(bytes, false))
    }).toThrow(ResourceError)
    expect([before < memory.size(), memory.size()]).toEqual([true, memory.capacity])
    // 16 pages a segment; the first 5 of all are the root.
    expect(blocks.length).toBe(2 + 5 * 3)
    for (const one of blocks) {
      expect(Math.floor(one / memory.segmentBytes)).toBe(Math.floor((one + bytes - 1) / memory.segmentBytes))
      fill(space, one, bytes, 1)
    }
    // What was passed over is there for smaller ones.
    for (let n = 0; n < 1 + 5; n++) heap.allocate(PAGE_BYTES - HEADER, false)
    expect(() => heap.allocate(PAGE_BYTES - HEADER, false)).toThrow(ResourceError)
  })

  test.each([100, 100_000])('that the system refuses is an error, which leaves all as it was: blocks of %i bytes', (bytes) => {
    const { heap, memory } = setup()
    memory.limit = memory.size()
    const blocks = untilFull(heap, bytes)
    const usage = heap.usage()
    expect(usage.blocks).toBe(blocks.length)
    expect(() => heap.allocate(bytes, false)).toThrow(ResourceError)
    expect(heap.usage()).toEqual(usage)
    const one = blocks.splice(1, 1)[0] as number
    heap.free(one)
    expect(heap.allocate(bytes, false)).toBe(one)
    memory.limit = memory.capacity
    expect(blocks).not.toContain(heap.allocate(bytes, false))
  })

  test('of all there is still fails for what no segment can hold, and says so at once', () => {
    const { heap, memory } = setup(new TestMemory(2 ** 20, 4))
    const most = memory.segmentBytes - PAGE_BYTES
    expect(() => heap.allocate(most - HEADER + 1, false)).toThrow(TooLargeError)
    expect(() => heap.allocate(2 ** 40, false)).toThrow(/1099511627776 bytes .* at most 983040/)
    expect([memory.size(), heap.usage().blocks]).toEqual([2 ** 21, 0])
    heap.free(heap.allocate(most - HEADER, false))
  })
})

test.each([1, 2, 3, 4, 5, 6])('allocations and frees by two agents at random agree with a list of them: seed %i', (seed) => {
  const { family, memory, heap } = setup(new TestMemory(2 ** 20, 3))
  const other = family.join()
  const next = random(seed)
  const live: { address: number; bytes: number; stamp: number }[] = []
  const check = ({ address, bytes, stamp }: (typeof live)[number]) =>
    expect(isFilled(other.space, address, bytes, stamp), `${bytes} bytes at ${address}`).toBe(true)
  let refused = 0
  for (let step = 0; step < 3000; step++) {
    const agent = next() < 0.5 ? family.first : other
    if (next() < (step % 1000 < 700 ? 0.35 : 0.7)) {
      const one = live.splice(Math.floor(next() * live.length), 1)[0]
      if (!one) continue
      check(one)
      agent.heap.free(one.address)
    } else {
      const bytes = 1 + Math.floor(2 ** (next() * (next() < 0.4 ? 18 : 12)))
      try {
        const address = agent.heap.allocate(bytes, false)
        live.push({ address, bytes, stamp: step & 0xff })
        fill(agent.space, address, bytes, step & 0xff)
      } catch (error) {
        expect(error).toBeInstanceOf(ResourceError)
        refused++
      }
    }
    if (step % 500 === 0) expect([...blocksOf(heap).keys()].sort()).toEqual(live.map((one) => one.address).sort())
  }
  for (const one of live) {
    check(one)
    heap.free(one.address)
  }
  // It did come to the limits.
  expect([refused > 0, memory.size(), heap.usage()]).toEqual([true, memory.capacity, { blocks: 0, bytes: 0 }])
})
