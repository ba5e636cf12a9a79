import type { Agent } from '../agent.js'
import { type Place, unpack } from '../memory/space.js'

/**
 * The slots of a hash table: a block that begins with their number, a power of two. From word 2 on each has two words: the hash of its entry, and the packed
 * address of it.
 */
const FIRST = 2
/** In the place of an address. Those of blocks are odd, once packed: a block lies 8 bytes behind a multiple of 16. */
export const EMPTY = 0
/** An entry was here: a search goes on. */
export const GRAVE = 2

/** Bytes of a table with so many slots. */
export function tableBytes(slots: number): number {
  return (FIRST + slots * 2) * 4
}

export function isEntry(packed: number): boolean {
  return (packed & 1) !== 0
}

/** @param packed address of the table */
export function tableAt(agent: Agent, packed: number): Place {
  const address = unpack(packed)
  const { views, offset } = agent.space.at(address, 8)
  return agent.space.at(address, tableBytes(views.i32[offset / 4] as number))
}

/** Whether the views reach to the table's end: another one, longer, may have come to its address. */
export function covers({ views, offset }: Place): boolean {
  return offset + tableBytes(views.i32[offset / 4] as number) <= views.bytes
}

export function slotsOf({ views, offset }: Place): number {
  return views.i32[offset / 4] as number
}

/** The word at which slot `n` begins; counted modulo the number of slots. */
export function slotAt(table: Place, n: number): number {
  return table.offset / 4 + FIRST + (n & (slotsOf(table) - 1)) * 2
}

/** Which slot begins at a word. */
export function slotIndex({ offset }: Place, slot: number): number {
  return (slot - offset / 4 - FIRST) / 2
}

/** The first slot for a hash that holds no entry. There is one: tables are never full. */
export function freeSlot(table: Place, hash: number): number {
  let n = hash
  while (isEntry(table.views.i32[slotAt(table, n) + 1] as number)) n++
  return slotAt(table, n)
}

/** Shows the packed addresses of all entries. */
export function eachEntry(table: Place, visit: (packed: number) => void): void {
  for (let n = slotsOf(table) - 1; n >= 0; n--) {
    const packed = table.views.i32[slotAt(table, n) + 1] as number
    if (isEntry(packed)) visit(packed)
  }
}
