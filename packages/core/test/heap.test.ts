import { describe, expect, test } from 'vitest'
import { PAGE_BYTES } from '../src/memory/layout.js'
import { blocksOf, fill, HEADER, isFilled, setup, untilFull } from './support/heap.js'
import { TestMemory } from './support/test-memory.js'

describe('a block', () => {
  test('is 8-aligned, large enough, its own, and seldom more than twice as large', () => {
    const { heap, tag } = setup()
    const sizes = [1, 8, 4000]
    for (let size = 32; size <= 16384; size *= 2) sizes.push(size - HEADER - 1, size - HEADER, size - HEADER + 1)
    for (let pages = 1; pages <= 2; pages++) sizes.push(pages * PAGE_BYTES - HEADER, pages * PAGE_BYTES - HEADER + 1)
    const asked = new Map(sizes.map((bytes) => [heap.allocate(bytes, false), bytes]))
    expect(asked.size).toBe(sizes.length)
    let end = 0
    for (const [address, gross] of [...blocksOf(heap)].sort(([a], [b]) => a - b)) {
      const bytes = asked.get(address) as number
      expect([address % 8, heap.owner(address)]).toEqual([0, tag])
      expect(address - HEADER, `${bytes} bytes at ${address}`).toBeGreaterThanOrEqual(end)
      // Beyond the largest class whole pages are taken.
      const most = bytes + HEADER <= 16384 ? Math.max(32, 2 * (bytes + HEADER)) : bytes + HEADER + PAGE_BYTES
      expect(gross).toBeLessThan(most + 1)
      expect(address + bytes).toBeLessThanOrEqual(address - HEADER + gross + HEADER)
      end = address + bytes
    }
    expect(blocksOf(heap).size).toBe(sizes.length)
  })

  test.each([1, 24, 64, 65, 100, 8000, 16376, 16377, 200_000])(
    'of %i bytes is zero where that is asked for, whatever was there',
    (bytes) => {
      const { heap, memory, space } = setup()
      memory.limit = memory.size()
      for (const used of untilFull(heap, bytes)) {
        fill(space, used, bytes, 0xff)
        heap.free(used)
      }
      expect(isFilled(space, heap.allocate(bytes, false), bytes, 0xff)).toBe(true)
      expect(isFilled(space, heap.allocate(bytes, true), bytes, 0)).toBe(true)
    },
  )

  test.each([100, 100_000])('of %i bytes that was internal is not when it is used again', (bytes) => {
    const { heap, memory } = setup()
    memory.limit = memory.size()
    for (const internal of untilFull(heap, bytes)) {
      heap.markInternal(internal)
      heap.free(internal)
    }
    heap.allocate(bytes, false)
    expect(heap.usage().blocks).toBe(1)
  })

  test('is freed for a dead owner only while that one still answers for it', () => {
    const { heap, tag } = setup()
    const dead = tag + 1024
    for (const bytes of [100, 100_000]) {
      const block = heap.allocate(bytes, false)
      heap.freeIfOwnedBy(block, dead)
      expect(blocksOf(heap).has(block)).toBe(true)
      heap.setOwner(block, dead)
      expect([heap.changeOwner(block, tag, 7), heap.owner(block)]).toEqual([false, dead])
      heap.freeIfOwnedBy(block, dead)
      // Once only: what stands in the header of free memory means nothing.
      heap.setOwner(block, dead)
      heap.freeIfOwnedBy(block, dead)
      const [one, two] = [heap.allocate(bytes, false), heap.allocate(bytes, false)]
      expect(one).not.toBe(two)
      heap.free(one)
      heap.free(two)
    }
    // What lay in a span may now be the inside of a large block, and look like anything.
    const large = heap.allocate(100_000, false)
    heap.setOwner(large + 800, dead)
    heap.freeIfOwnedBy(large + 800, dead)
    expect([blocksOf(heap).has(large), heap.owner(large + 800)]).toEqual([true, dead])
  })
})

describe('memory that was freed', () => {
  test.each([1, 500, 16000, 60_000, 200_000])('is used again, blocks of %i bytes', (bytes) => {
    const { heap, memory } = setup()
    const round = () => Array.from({ length: 10 }, () => heap.allocate(bytes, false))
    const first = round()
    for (const one of first) heap.free(one)
    const size = memory.size()
    for (let n = 0; n < 100; n++) for (const one of round()) heap.free(one)
    expect(memory.size()).toBe(size)
  })

  test.each(['in order', 'backwards', 'from both ends'])('in small blocks, %s, is there for large ones', (order) => {
    const { heap, memory } = setup()
    const all: number[] = []
    for (const bytes of [2000, 500]) {
      for (let left = memory.size() / 3; left > 0; left -= bytes) all.push(heap.allocate(bytes, false))
    }
    if (order === 'backwards') all.reverse()
    if (order === 'from both ends') all.sort((a, b) => Math.abs(b - all.length / 2) - Math.abs(a - all.length / 2))
    for (const one of all) heap.free(one)
    memory.limit = memory.size()
    expect(heap.usage()).toEqual({ blocks: 0, bytes: 0 })
    // A span of each size may be kept for the next block.
    const pages = () => [...blocksOf(heap).values()].reduce((sum, bytes) => sum + (bytes + HEADER) / PAGE_BYTES, 0)
    untilFull(heap, PAGE_BYTES - HEADER)
    expect(pages()).toBeGreaterThanOrEqual(memory.size() / PAGE_BYTES - 5 - 2)
  })

  test('in neighbouring large blocks holds one larger, before more is asked of the system', () => {
    const { heap, memory } = setup()
    memory.limit = memory.size()
    const blocks = [3, 2, 3, 1].map((pages) => heap.allocate(pages * PAGE_BYTES - HEADER, false))
    untilFull(heap, PAGE_BYTES - HEADER)
    for (const one of blocks.slice(0, 3)) heap.free(one)
    expect(heap.allocate(8 * PAGE_BYTES - HEADER, false)).toBe(blocks[0])
  })

  test('is gone round for large blocks, from where the last one went', () => {
    const { heap, memory } = setup(new TestMemory(2 ** 21, 2))
    memory.limit = memory.size()
    const bytes = 2 * PAGE_BYTES - HEADER
    const [a, b, c] = [heap.allocate(bytes, false), heap.allocate(bytes, false), heap.allocate(bytes, false)] as const
    heap.free(a)
    const d = heap.allocate(bytes, false)
    expect(d).toBeGreaterThan(c)
    // Small ones fill up from below.
    expect(heap.allocate(1, false)).toBeLessThan(b)
    heap.free(b)
    const rest = untilFull(heap, bytes)
    // The second half of the first and the first of the second.
    expect(rest.pop()).toBe(a + PAGE_BYTES)
    expect([d, ...rest]).toEqual(Array.from({ length: rest.length + 1 }, (_, n) => c + (n + 1) * 2 * PAGE_BYTES))
  })
})
