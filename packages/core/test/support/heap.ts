import { expect } from 'vitest'
import { ResourceError } from '../../src/errors.js'
import type { Heap } from '../../src/memory/heap.js'
import type { Space } from '../../src/memory/space.js'
import { TestFamily } from './test-family.js'
import { TestMemory } from './test-memory.js'

/** Bytes before each block. */
export const HEADER = 8

/** The heap of a new family. */
export function setup(memory = new TestMemory()) {
  const family = new TestFamily(memory)
  const { heap, space, tag } = family.first
  return { family, memory, heap, space, tag }
}

/** Every block in use: address and bytes. */
export function blocksOf(heap: Heap): Map<number, number> {
  const found = new Map<number, number>()
  heap.forEachBlock((address, _owner, bytes) => void found.set(address, bytes))
  return found
}

export function fill(space: Space, address: number, bytes: number, stamp: number): void {
  const { views, offset } = space.at(address, bytes)
  views.u8.fill(stamp, offset, offset + bytes)
}

/** Whether each byte is `stamp`. */
export function isFilled(space: Space, address: number, bytes: number, stamp: number): boolean {
  const { views, offset } = space.at(address, bytes)
  return views.u8.subarray(offset, offset + bytes).every((byte) => byte === stamp)
}

/** Allocates as long as there is room. */
export function untilFull(heap: Heap, bytes: number): number[] {
  const blocks: number[] = []
  expect(() => {
    for (;;) blocks.push(heap.allocate(bytes, false))
  }).toThrow(
    new ResourceError(
      `no room for ${bytes} bytes of shared memory: the family's 4194304 bytes are in use, or the system has no more. Drop what is no longer needed, or give the backend more (see its options)`,
    ),
  )
  return blocks
}
