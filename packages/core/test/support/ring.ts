import type { Agent } from '../../src/agent.js'
import { Block } from '../../src/memory/block.js'
import { KindId } from '../../src/memory/kinds.js'
// It tells the collector what a ring holds.
import '../../src/queue/channel.js'
import { HEADER_BYTES, INLINE_BYTES, type Outgoing, RecordKind } from '../../src/queue/record.js'
import { EMPTY, RING_BYTES, Ring } from '../../src/queue/ring.js'

/** A new ring's block, which has travelled. */
export function makeRing(agent: Agent, maxsize = 0): Block {
  const block = agent.allocate(KindId.channel, RING_BYTES)
  Ring.format(block, maxsize)
  agent.ledger.publish(block)
  return block
}

/** The same block as another agent has it. */
export function arrive(agent: Agent, { kind, address, bytes, id }: Block): Block {
  const { views, offset } = agent.space.at(address, bytes)
  const block = new Block(kind, address, bytes, views, offset)
  block.id = id
  agent.ledger.hold(id)
  return block
}

export function int(value: number): Outgoing {
  return { kind: RecordKind.int, int: value, size: 0, copyTo: () => {}, address: 0, handles: [] }
}

/** A record of `size` bytes (a multiple of 4), each of them `stamp`. Id 0 is a handle of nothing. */
export function bytes(agent: Agent, size: number, stamp: number, handles: readonly number[] = []): Outgoing {
  const copyTo = (target: Uint8Array, offset: number) => void target.fill(stamp, offset, offset + size)
  if (size <= INLINE_BYTES) return { kind: RecordKind.inline, int: 0, size, copyTo, address: 0, handles }
  const address = agent.heap.allocate(size, false)
  const { views, offset } = agent.space.at(address, size)
  copyTo(views.u8, offset)
  return { kind: RecordKind.large, int: 0, size, copyTo, address, handles }
}

/** The size of a record of bytes, without handles, that takes this much of its segment. */
export const sizeTaking = (space: number): number => space - HEADER_BYTES

/** Takes the next record: an integer as it is; bytes as size and stamp, which is `NaN` where they are not all the same. */
export function take(ring: Ring): unknown {
  return ring.take((target, offset, size) => {
    if (size === 0) return [0, undefined]
    const stamp = target[offset]
    const isWhole = target.subarray(offset, offset + size).every((byte) => byte === stamp)
    return [size, isWhole ? stamp : Number.NaN]
  })
}

/** Takes all there is. */
export function drain(ring: Ring): unknown[] {
  const found: unknown[] = []
  for (let item = take(ring); item !== EMPTY; item = take(ring)) found.push(item)
  return found
}
