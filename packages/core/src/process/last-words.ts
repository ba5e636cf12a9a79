import type { Agent } from '../agent.js'
import { pack, unpack } from '../memory/space.js'
import { encodeThrown } from '../wire/error-envelope.js'
import { Slot } from './family.js'

/**
 * The error that ended an agent, left in shared memory by the dying for whoever buries it: its parent's event loop need not turn.
 */
export function leaveLastWords(agent: Agent, thrown: unknown): void {
  const { words } = agent.family
  if (Atomics.load(words, agent.slotAt + Slot.error) !== 0) return
  encodeThrown(agent.encoder, thrown)
  const { size } = agent.encoder
  const address = agent.heap.allocate(size, false)
  const { views, offset } = agent.space.at(address, size)
  agent.encoder.copyTo(views.u8, offset)
  words[agent.slotAt + Slot.errorBytes] = size
  Atomics.store(words, agent.slotAt + Slot.error, pack(address))
}

/** What the agent with this tag left; `undefined` where it left nothing. Once. */
export function takeLastWords(agent: Agent, tag: number): { thrown: unknown } | undefined {
  const { words } = agent.family
  const at = agent.family.at(tag)
  const packed = Atomics.exchange(words, at + Slot.error, 0)
  if (packed === 0 || agent.closed) return undefined
  const address = unpack(packed)
  const size = words[at + Slot.errorBytes] as number
  const { views, offset } = agent.space.at(address, size)
  try {
    return { thrown: agent.decoder.decode(views.u8, offset, size) }
  } finally {
    agent.heap.free(address)
  }
}
