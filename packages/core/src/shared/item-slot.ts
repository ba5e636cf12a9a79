import type { Agent } from '../agent.js'
import { type Place, pack, unpack } from '../memory/space.js'
import { SHARE, type Shareable } from '../wire/shareable.js'
import { isInteger, type OutgoingValue, recordWords } from './stored-value.js'

/**
 * An item of a list, in one word: an integer of 31 bits, times two; or the packed address of a block with the item's record (`stored-value.ts`), which is odd, for
 * a block lies 8 bytes behind a multiple of 16.
 */
export type ItemSlot = number

/** The slot of a new item; its block, if it needs one, nobody else can find yet. */
export function makeSlot(agent: Agent, outgoing: OutgoingValue, item: unknown, list: Shareable): number {
  if (isInteger(item) && (item << 1) >> 1 === item) return item << 1
  const bytes = outgoing.prepare(item, 'item').words * 4
  // The collector looks only into what is known to it: what has travelled, or might.
  if (outgoing.hasHandles) list[SHARE]()
  const address = agent.heap.allocate(bytes, false)
  const { views, offset } = agent.space.at(address, bytes)
  outgoing.write(views, offset / 4)
  return pack(address)
}

/** Gives a slot's block back. */
export function freeSlots(agent: Agent, slots: readonly number[]): void {
  for (const one of slots) if (isBlock(one)) agent.heap.free(unpack(one))
}

/** Whether a slot is a block with a record; otherwise it is an integer, times two. */
export function isBlock(slot: number): boolean {
  return (slot & 1) !== 0
}

/** The record of a slot that has one. */
export function recordAt(agent: Agent, slot: number): Place {
  const address = unpack(slot)
  const place = agent.space.at(address, 8)
  const bytes = recordWords(place.views.i32, place.offset / 4) * 4
  return place.offset + bytes <= place.views.bytes ? place : agent.space.at(address, bytes)
}
