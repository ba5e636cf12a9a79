import { ResourceError, TooLargeError } from '../errors.js'
import { lockNow } from '../sync/lock-now.js'
import { unlock } from '../sync/mutex.js'
import type { SyncPort } from '../sync/port.js'
import { CLASS_HINTS_AT, HEAP_MUTEX_AT, LOWEST_FREE_PAGE_AT, PAGE_BYTES, PAGES_AT, ROVER_AT, reservedBytes } from './layout.js'
import type { Space } from './space.js'

/**
 * The allocator of a family's memory. Any agent allocates and frees anywhere; one that dies in the middle leaves nothing to repair, because
 * every change is committed by a single store: a bit of a span's bitmap, or a word of the page map.
 *
 * Memory is divided into pages of 64 KiB. A page map word at the start of a run says how long it is and what it is for: a *span* of equal
 * blocks (after the size classes of tcmalloc and mimalloc), or one large block. Words inside a run are never looked at: runs are walked from the first page.
 *
 * Each block is preceded by 8 bytes: its owner's tag, and whether it is internal. The owner is the agent that answers for a block which
 * nothing reachable refers to; after its death such blocks are swept (`collector.ts`).
 */
const HEADER_BYTES = 8
/** Block sizes, headers included. Powers of two, so that a block never needs more than one span and a span more than one page. */
const CLASS_BYTES = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384] as const
const LARGEST_CLASS = 16384
/** Page map: length of the run in pages in the low bits, what it is in the high ones. */
const RUN_LENGTH = 0x00ffffff
const KIND_SHIFT = 24
const LARGE = 0x7f
/** A span begins with one word of hint and then its bitmap: bit set = block in use. */
const SPAN_HINT = 0
const SPAN_BITMAP = 1

/** How much memory is asked for in advance, at most. */
const AHEAD_BYTES = 2 ** 24

const INTERNAL = 1
/** Marks the owner of a block that the ledger answers for. */
export const PUBLISHED = -1

export class Heap {
  readonly #port: SyncPort
  readonly #space: Space
  /** The root words: they lie below everything that grows, so the first view serves for ever. */
  readonly #root: Int32Array
  readonly #capacityPages: number

  constructor(port: SyncPort, space: Space) {
    this.#port = port
    this.#space = space
    this.#root = space.at(0, reservedBytes(space.memory.capacity)).views.i32
    this.#capacityPages = Math.floor(space.memory.capacity / PAGE_BYTES)
  }

  /** Prepares fresh memory; once per family, before anyone else sees it. */
  static format(space: Space): void {
    const bytes = reservedBytes(space.memory.capacity)
    const pages = Math.ceil(bytes / PAGE_BYTES)
    const root = space.at(0, bytes).views.i32
    root[PAGES_AT] = pages | (LARGE << KIND_SHIFT)
    root[LOWEST_FREE_PAGE_AT] = pages
  }

  /**
   * A block of at least `bytes` bytes, 8-aligned, owned by this agent.
   * @param zero whether its bytes must be zero; a block that is written whole before it is read need not be
   * @throws TooLargeError where it can never fit
   * @throws ResourceError where the memory is full or the system refuses more
   */
  allocate(bytes: number, zero: boolean): number {
    const gross = bytes + HEADER_BYTES
    const { segmentBytes, capacity } = this.#space.memory
    const most = Math.min(segmentBytes, capacity) - PAGE_BYTES
    if (gross > most) throw new TooLargeError(`${bytes} bytes of shared memory were asked for; one block holds at most ${most}`)
    this.#lock()
    let start: number
    try {
      start = gross <= LARGEST_CLASS ? this.#allocateSmall(classOf(gross)) : this.#allocateLarge(Math.ceil(gross / PAGE_BYTES))
    } finally {
      this.#unlock()
    }
    if (start < 0) throw new ResourceError(outOfMemory(bytes, capacity))
    if (zero) {
      const { views, offset } = this.#space.at(start, gross)
      const from = offset + HEADER_BYTES
      if (bytes <= 64) views.f64.fill(0, from / 8, (from + bytes + 7) >> 3)
      else views.u8.fill(0, from, from + bytes)
    }
    return start + HEADER_BYTES
  }

  /** Gives a block back. Exactly once, by whoever answers for it. */
  free(address: number): void {
    this.#lock()
    try {
      this.#free(address)
    } finally {
      this.#unlock()
    }
  }

  #free(address: number): void {
    const start = address - HEADER_BYTES
    const page = Math.floor(start / PAGE_BYTES)
    const kind = (this.#root[PAGES_AT + page] as number) >>> KIND_SHIFT
    if (kind === LARGE) this.#releasePages(page)
    else this.#freeSmall(page, kind - 1, start)
  }

  /** Leaves a block out of what `usage` counts: multiproc keeps its books in it. */
  markInternal(address: number): void {
    const { views, offset } = this.#space.at(address - HEADER_BYTES, HEADER_BYTES)
    views.i32[offset / 4 + 1] = INTERNAL
  }

  /** What is in use for objects, their queued items included. Bytes as allocated, rounding included. */
  usage(): { blocks: number; bytes: number } {
    let blocks = 0
    let bytes = 0
    this.forEachBlock((address, _owner, size) => {
      const { views, offset } = this.#space.at(address - HEADER_BYTES, HEADER_BYTES)
      if (views.i32[offset / 4 + 1] === INTERNAL) return
      blocks++
      bytes += size
    })
    return { blocks, bytes }
  }

  owner(address: number): number {
    const { views, offset } = this.#space.at(address - HEADER_BYTES, HEADER_BYTES)
    return views.i32[offset / 4] as number
  }

  /** Makes `owner` answer for the block from now on. */
  setOwner(address: number, owner: number): void {
    const { views, offset } = this.#space.at(address - HEADER_BYTES, HEADER_BYTES)
    Atomics.store(views.i32, offset / 4, owner)
  }

  /** As `setOwner`, unless someone else has come to answer for the block in between. */
  changeOwner(address: number, from: number, to: number): boolean {
    const { views, offset } = this.#space.at(address - HEADER_BYTES, HEADER_BYTES)
    return Atomics.compareExchange(views.i32, offset / 4, from, to) === from
  }

  /** As `free`, unless the block was freed, or someone else has come to answer for it, in between. */
  freeIfOwnedBy(address: number, owner: number): void {
    this.#lock()
    try {
      if (this.#isUsed(address) && this.changeOwner(address, owner, this.#port.tag)) this.#free(address)
    } finally {
      this.#unlock()
    }
  }

  /** Shows every block in use, at one moment: its address, its owner, its size in bytes. */
  forEachBlock(visit: (address: number, owner: number, bytes: number) => void): void {
    const show = (start: number, gross: number) =>
      visit(start + HEADER_BYTES, this.owner(start + HEADER_BYTES), gross - HEADER_BYTES)
    this.#lock()
    try {
      this.#walk((page, length, kind) => {
        if (kind === LARGE) {
          // The run at page 0 is the reserved memory itself.
          if (page > 0) show(page * PAGE_BYTES, length * PAGE_BYTES)
          return
        }
        const bytes = CLASS_BYTES[kind - 1] as number
        const { views, offset } = this.#space.at(page * PAGE_BYTES, PAGE_BYTES)
        for (let w = bitmapWords(bytes) - 1; w >= 0; w--) {
          let bits = (views.i32[offset / 4 + SPAN_BITMAP + w] as number) & ~initialBits(bytes, w)
          for (; bits !== 0; bits &= bits - 1) show(page * PAGE_BYTES + (w * 32 + 31 - Math.clz32(bits & -bits)) * bytes, bytes)
        }
      })
    } finally {
      this.#unlock()
    }
  }

  #isUsed(address: number): boolean {
    const start = address - HEADER_BYTES
    const page = Math.floor(start / PAGE_BYTES)
    const kind = (this.#root[PAGES_AT + page] as number) >>> KIND_SHIFT
    if (kind === 0) return false
    if (kind === LARGE) return start === page * PAGE_BYTES
    const { views, offset } = this.#space.at(page * PAGE_BYTES, PAGE_BYTES)
    const index = (start - page * PAGE_BYTES) / (CLASS_BYTES[kind - 1] as number)
    return ((views.i32[offset / 4 + SPAN_BITMAP + (index >>> 5)] as number) & (1 << (index & 31))) !== 0
  }

  #allocateSmall(sizeClass: number): number {
    const root = this.#root
    const bytes = CLASS_BYTES[sizeClass] as number
    const top = this.#topPage()
    for (let page = root[CLASS_HINTS_AT + sizeClass] as number; page < top; ) {
      const entry = root[PAGES_AT + page] as number
      if (entry >>> KIND_SHIFT === sizeClass + 1) {
        const start = this.#takeBlock(page, bytes)
        if (start >= 0) {
          root[CLASS_HINTS_AT + sizeClass] = page
          return start
        }
      }
      page += entry & RUN_LENGTH || 1
    }
    const page = this.#takePages(1, (sizeClass + 1) << KIND_SHIFT, (at) => this.#formatSpan(at, bytes))
    if (page < 0) return -1
    root[CLASS_HINTS_AT + sizeClass] = page
    return this.#takeBlock(page, bytes)
  }

  #takeBlock(page: number, bytes: number): number {
    const { views, offset } = this.#space.at(page * PAGE_BYTES, PAGE_BYTES)
    const { i32 } = views
    const at = offset / 4
    const words = bitmapWords(bytes)
    for (let w = i32[at + SPAN_HINT] as number; w < words; w++) {
      const bits = i32[at + SPAN_BITMAP + w] as number
      if (bits === -1) continue
      const bit = ~bits & -~bits
      const start = (w * 32 + 31 - Math.clz32(bit)) * bytes
      if (start >= PAGE_BYTES) break
      i32[at + SPAN_HINT] = w
      // The owner first: the bit commits.
      i32[at + start / 4] = this.#port.tag
      i32[at + start / 4 + 1] = 0
      Atomics.store(i32, at + SPAN_BITMAP + w, bits | bit)
      return page * PAGE_BYTES + start
    }
    i32[at + SPAN_HINT] = words
    return -1
  }

  #freeSmall(page: number, sizeClass: number, start: number): void {
    const bytes = CLASS_BYTES[sizeClass] as number
    const { views, offset } = this.#space.at(page * PAGE_BYTES, PAGE_BYTES)
    const { i32 } = views
    const at = offset / 4
    const index = (start - page * PAGE_BYTES) / bytes
    const w = index >>> 5
    const rest = (i32[at + SPAN_BITMAP + w] as number) & ~(1 << (index & 31))
    Atomics.store(i32, at + SPAN_BITMAP + w, rest)
    if ((i32[at + SPAN_HINT] as number) > w) i32[at + SPAN_HINT] = w
    // An empty span goes back, unless it is the one that the next allocation will look at first.
    const first = this.#root[CLASS_HINTS_AT + sizeClass] as number
    if (first > page) {
      this.#root[CLASS_HINTS_AT + sizeClass] = page
      this.#releaseSpanIfEmpty(first, bytes)
    } else if (first !== page && rest === initialBits(bytes, w)) this.#releaseSpanIfEmpty(page, bytes)
  }

  #releaseSpanIfEmpty(page: number, bytes: number): void {
    const { views, offset } = this.#space.at(page * PAGE_BYTES, PAGE_BYTES)
    if (this.#isEmpty(views.i32, offset / 4, bytes)) this.#releasePages(page)
  }

  #isEmpty(i32: Int32Array, at: number, bytes: number): boolean {
    for (let w = bitmapWords(bytes) - 1; w >= 0; w--) {
      if (i32[at + SPAN_BITMAP + w] !== initialBits(bytes, w)) return false
    }
    return true
  }

  #formatSpan(page: number, bytes: number): void {
    const { views, offset } = this.#space.at(page * PAGE_BYTES, PAGE_BYTES)
    const at = offset / 4
    views.i32[at + SPAN_HINT] = 0
    for (let w = bitmapWords(bytes) - 1; w >= 0; w--) views.i32[at + SPAN_BITMAP + w] = initialBits(bytes, w)
  }

  #allocateLarge(pages: number): number {
    const page = this.#takePages(pages, LARGE << KIND_SHIFT, (at) => {
      const { views, offset } = this.#space.at(at * PAGE_BYTES, HEADER_BYTES)
      views.i32[offset / 4] = this.#port.tag
      views.i32[offset / 4 + 1] = 0
    })
    return page < 0 ? -1 : page * PAGE_BYTES
  }

  /** A run of `count` free pages, made ready by `prepare` and then committed. -1: no room. */
  #takePages(count: number, kind: number, prepare: (page: number) => void): number {
    const root = this.#root
    const lowest = root[LOWEST_FREE_PAGE_AT] as number
    // Runs of several pages are taken round and round (next fit), so that a queue of N large items does not walk past N of them for each.
    const rover = count === 1 ? lowest : Math.max(lowest, root[ROVER_AT] as number)
    let page = this.#findPages(rover, count)
    if (page < 0 && rover > lowest) page = this.#findPages(lowest, count)
    for (let top = this.#topPage(); page < 0; top = this.#topPage()) {
      // A block lies in one segment, so that the last pages of one may have to be passed over.
      if (top >= this.#capacityPages || !this.#growTo(Math.min(top + count, this.#capacityPages))) return -1
      page = this.#findPages(lowest, count)
    }
    prepare(page)
    Atomics.store(root, PAGES_AT + page, count | kind)
    if (page === lowest) root[LOWEST_FREE_PAGE_AT] = page + count
    if (count > 1) root[ROVER_AT] = page + count
    return page
  }

  /** The first `count` free pages from `start`, where a run begins; -1 where there are none. */
  #findPages(start: number, count: number): number {
    const root = this.#root
    const segmentPages = this.#space.memory.segmentBytes / PAGE_BYTES
    const top = this.#topPage()
    let from = start
    for (let page = start; page < top; ) {
      const entry = root[PAGES_AT + page] as number
      if (entry !== 0) {
        from = page += entry & RUN_LENGTH
        continue
      }
      if (page % segmentPages === 0) from = page
      page++
      if (page - from >= count) return from
    }
    return -1
  }

  #releasePages(page: number): void {
    Atomics.store(this.#root, PAGES_AT + page, 0)
    if ((this.#root[LOWEST_FREE_PAGE_AT] as number) > page) this.#root[LOWEST_FREE_PAGE_AT] = page
  }

  #topPage(): number {
    return Math.floor(this.#space.memory.size() / PAGE_BYTES)
  }

  /** Grows by half of what there is, but by no more than 16 MiB ahead of what is needed: some platforms find room for all of it at once. */
  #growTo(pages: number): boolean {
    const { memory } = this.#space
    const size = memory.size()
    const wanted = Math.min(
      memory.capacity,
      Math.max(pages * PAGE_BYTES, size + Math.min(AHEAD_BYTES, Math.ceil(size / 2 / PAGE_BYTES) * PAGE_BYTES)),
    )
    return memory.grow(wanted) || memory.grow(pages * PAGE_BYTES)
  }

  #walk(visit: (page: number, length: number, kind: number) => void): void {
    const top = this.#topPage()
    for (let page = 0; page < top; ) {
      const entry = this.#root[PAGES_AT + page] as number
      if (entry !== 0) visit(page, entry & RUN_LENGTH, entry >>> KIND_SHIFT)
      page += entry & RUN_LENGTH || 1
    }
  }

  #lock(): void {
    if (!lockNow(this.#port, this.#root, HEAP_MUTEX_AT)) return
    // The last holder died in here. Whatever it had committed stands; only the hints may lie inside a run now.
    this.#root[LOWEST_FREE_PAGE_AT] = 0
    this.#root[ROVER_AT] = 0
    this.#root.fill(0, CLASS_HINTS_AT, CLASS_HINTS_AT + CLASS_BYTES.length)
    this.#walk((page, _length, kind) => {
      if (kind === LARGE) return
      const { views, offset } = this.#space.at(page * PAGE_BYTES, PAGE_BYTES)
      views.i32[offset / 4 + SPAN_HINT] = 0
    })
  }

  #unlock(): void {
    unlock(this.#port, this.#root, HEAP_MUTEX_AT)
  }
}

function classOf(gross: number): number {
  return gross <= 32 ? 0 : 27 - Math.clz32(gross - 1)
}

function bitmapWords(bytes: number): number {
  return Math.ceil(PAGE_BYTES / bytes / 32)
}

/** The bitmap word of an empty span: the blocks under its header are in use, and so are those beyond its end. */
function initialBits(bytes: number, word: number): number {
  const headerBlocks = Math.ceil(((SPAN_BITMAP + bitmapWords(bytes)) * 4) / bytes)
  const blocks = PAGE_BYTES / bytes
  let bits = 0
  if (word === 0) bits |= headerBlocks >= 32 ? -1 : (1 << headerBlocks) - 1
  if (blocks < 32) bits |= -1 << blocks
  return bits
}

function outOfMemory(bytes: number, capacity: number): string {
  return `no room for ${bytes} bytes of shared memory: the family's ${capacity} bytes are in use, or the system has no more. Drop what is no longer needed, or give the backend more (see its options)`
}
