import { expect, test } from 'vitest'
import type { Agent } from '../src/agent.js'
import { HEAP_MUTEX_AT, PAGE_BYTES } from '../src/memory/layout.js'
import { dieAt, dyingAtEachStep } from './support/death.js'
import { untilFull } from './support/heap.js'
import { TestFamily } from './support/test-family.js'

const SMALL = 400
const LARGE = 3 * PAGE_BYTES - 8

interface Scene {
  readonly victim: Agent
  /** Blocks that the victim has. */
  readonly small: readonly number[]
  readonly large: readonly number[]
}

/** What the victim dies in, by name. */
const acts: Record<string, (scene: Scene) => void> = {
  'allocating from a span': ({ victim }) => void victim.heap.allocate(SMALL, false),
  'allocating the first block of a span': ({ victim }) => void victim.heap.allocate(8000, false),
  'allocating pages': ({ victim }) => void victim.heap.allocate(LARGE, false),
  'allocating pages beyond the end': ({ victim }) => void victim.heap.allocate(14 * PAGE_BYTES, false),
  'freeing a block of a span': ({ victim, small }) => victim.heap.free(small[0] as number),
  'freeing the last block of a span': ({ victim }) => victim.heap.free(victim.heap.allocate(16000, false)),
  'freeing pages': ({ victim, large }) => victim.heap.free(large[0] as number),
  'looking through the heap': ({ victim }) => void victim.heap.usage(),
}

test.each(Object.entries(acts))('an agent that dies %s, at whatever step, leaves the heap sound', (_, act) => {
  dyingAtEachStep((step) => {
    const family = new TestFamily()
    const { heap, space } = family.first
    const victim = family.join()
    const kept = [SMALL, LARGE, SMALL].map((bytes) => heap.allocate(bytes, true))
    const small = Array.from({ length: 200 }, () => victim.heap.allocate(SMALL, false))
    const large = [victim.heap.allocate(LARGE, false), victim.heap.allocate(LARGE, false)]
    const before = heap.usage().blocks
    const died = dieAt(step, () => act({ victim, small, large }))
    family.end(victim)

    // Whole or not at all.
    expect(Math.abs(heap.usage().blocks - before), `step ${step}`).toBeLessThanOrEqual(1)
    const orphans: number[] = []
    heap.forEachBlock((address, owner) => void (owner === victim.tag && orphans.push(address)))
    for (const one of orphans) heap.freeIfOwnedBy(one, victim.tag)
    expect(heap.usage().blocks).toBe(kept.length)
    for (const one of kept) {
      const { views, offset } = space.at(one, SMALL)
      expect(views.u8.subarray(offset, offset + SMALL).every((byte) => byte === 0)).toBe(true)
    }

    // Everything can be taken again, once.
    const taken = [...kept]
    for (const bytes of [LARGE, 8000, SMALL]) for (let n = 0; n < 5; n++) taken.push(heap.allocate(bytes, false))
    expect([new Set(taken).size, heap.usage().blocks]).toEqual([taken.length, taken.length])
    for (const one of taken) heap.free(one)
    expect(heap.usage()).toEqual({ blocks: 0, bytes: 0 })
    return died
  })
})

test('the lock of one that died is taken over, and blocks of spans that its hints had passed are found again', () => {
  const family = new TestFamily()
  const { heap } = family.first
  const dead = family.join()
  const blocks = Array.from({ length: 400 }, () => heap.allocate(SMALL, false))
  const lowest = blocks[0] as number
  // It frees the first block and dies before it has lowered any hint: after the second operation, which commits.
  expect(dieAt(4, () => dead.heap.free(lowest))).toBe(true)
  expect(family.first.family.words[HEAP_MUTEX_AT]).toBe(dead.tag)
  family.end(dead)
  while (heap.usage().blocks < 400) blocks.push(heap.allocate(SMALL, false))
  expect(blocks.filter((one) => one === lowest).length).toBe(2)
  expect(family.first.family.words[HEAP_MUTEX_AT]).toBe(0)
})

test('pages below the lowest that its hint knows as free are found again, too', () => {
  const family = new TestFamily()
  const { heap } = family.first
  const dead = family.join()
  const lowest = heap.allocate(LARGE, false)
  family.memory.limit = family.memory.size()
  untilFull(heap, PAGE_BYTES - 8)
  expect(dieAt(4, () => dead.heap.free(lowest))).toBe(true)
  family.end(dead)
  expect(heap.allocate(LARGE, false)).toBe(lowest)
})
