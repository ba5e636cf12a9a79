import type { Agent } from '../agent.js'
import { pack, unpack } from '../memory/space.js'
import { encodeThrown } from '../wire/error-envelope.js'
import { Slot } from './family.js'

/** Bytes in front of the encoded error that say how many it has. */
const HEADER_BYTES = 8

/**
 * The error that ended an agent, left in shared memory by the dying for whoever buries it: its parent's event loop need not turn. The last word counts.
 */
export function leaveLastWords(agent: Agent, thrown: unknown): void {
  replace(agent, pack(write(agent, thrown)))
}

/** @returns the address */
function write(agent: Agent, thrown: unknown): number {
  encodeThrown(agent.encoder, thrown)
  const { size } = agent.encoder
  const address = agent.heap.allocate(HEADER_BYTES + size, false)
  const { views, offset } = agent.space.at(address, HEADER_BYTES + size)
  views.i32[offset / 4] = size
  agent.encoder.copyTo(views.u8, offset + HEADER_BYTES)
  return address
}

/** The error did not end this agent, after all. */
export function takeBackLastWords(agent: Agent): void {
  replace(agent, 0)
}

/** By one store, and who takes them has them alone: whoever buries this agent may be at it already, where its word that it ends is all there is. */
function replace(agent: Agent, packed: number): void {
  const before = Atomics.exchange(agent.family.words, agent.slotAt + Slot.error, packed)
  if (before !== 0) agent.heap.free(unpack(before))
}

/** What the agent with this tag left; `undefined` where it left nothing. Once. */
export function takeLastWords(agent: Agent, tag: number): { thrown: unknown } | undefined {
  const packed = Atomics.exchange(agent.family.words, agent.family.at(tag) + Slot.error, 0)
  if (packed === 0 || agent.closed) return undefined
  const address = unpack(packed)
  const size = agent.space.at(address, HEADER_BYTES)
  const bytes = size.views.i32[size.offset / 4] as number
  const { views, offset } = agent.space.at(address, HEADER_BYTES + bytes)
  try {
    return { thrown: agent.decoder.decode(views.u8, offset + HEADER_BYTES, bytes) }
  } finally {
    agent.heap.free(address)
  }
}
