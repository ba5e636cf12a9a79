/**
 * Where everything fixed lies in a family's memory. All of it is in the first segment; numbers ending in `_AT` index 32-bit words.
 *
 * | words                | what                                                       |
 * |----------------------|------------------------------------------------------------|
 * | 0 …                  | root: the locks, hints and counters named below            |
 * | DIRECTORY_AT …       | the ledger's directory: packed addresses of its chunks      |
 * | SLOTS_AT …           | the family's table, `SLOT_WORDS` an agent                   |
 * | PAGES_AT …           | the heap's page map, one word a page of the whole capacity  |
 */
export const HEAP_MUTEX_AT = 4
export const FAMILY_MUTEX_AT = 8
/** Lowest page that may be free. */
export const LOWEST_FREE_PAGE_AT = 12
/** Where the search for several free pages goes on. Always where a run begins. */
export const ROVER_AT = 28
/** One more than the highest slot ever used. */
export const SLOTS_USED_AT = 13
export const LEDGER_MUTEX_AT = 20
/** Held by the one agent that collects garbage. */
export const COLLECTOR_MUTEX_AT = 24
/** Where the search for a free slot begins: slots are used in turn, so that a tag comes back as late as possible. */
export const NEXT_SLOT_AT = 14
/** One more than the highest id ever given by the ledger. */
export const IDS_USED_AT = 16
/** Head of the list of ids to be used again; 0 ends it. */
export const FREE_ID_AT = 17
/** Ids in use. */
export const IDS_LIVE_AT = 18
/** Holds given up since the last collection. */
export const RELEASED_AT = 19
/** For each size class, the lowest page that may have a free block of it. */
export const CLASS_HINTS_AT = 32

export const DIRECTORY_AT = 64
export const DIRECTORY_WORDS = 2048

export const SLOTS_AT = 4096
export const SLOT_WORDS = 48
/** How many agents a family has at once, at most. */
export const MAX_AGENTS = 1024

export const PAGES_AT = 65536
/** Bytes; the unit of the page map. */
export const PAGE_BYTES = 65536

/** Bytes at the start of memory that the heap must never give away. */
export function reservedBytes(capacity: number): number {
  return (PAGES_AT + Math.ceil(capacity / PAGE_BYTES)) * 4
}
