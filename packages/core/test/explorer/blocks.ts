/** The heap, as explored rings see it: each call is one step. What was allocated, in order of address. */
export interface HeapBlock {
  readonly address: number
  readonly bytes: number
  readonly owner: number
}
export type Blocks = readonly HeapBlock[]

/** Where the explorer's heap begins, as an index of a word. */
export const HEAP_AT = 41 * 1024

export const keyOf = (blocks: Blocks): string => blocks.map(({ address, bytes, owner }) => `${address}:${bytes}:${owner}`).join()

/** A block at the lowest address where it fits, so that what was freed is used again as soon as it can be. */
export function allocate(blocks: Blocks, bytes: number, owner: number): { blocks: Blocks; address: number } {
  const size = (bytes + 7) & ~7
  let address = HEAP_AT * 4
  let index = 0
  for (; index < blocks.length; index++) {
    const block = blocks[index] as HeapBlock
    if (block.address - address >= size) break
    address = block.address + block.bytes
  }
  return { blocks: blocks.toSpliced(index, 0, { address, bytes: size, owner }), address }
}

/** @throws Error where the block is not in use */
export function free(blocks: Blocks, address: number): Blocks {
  const index = blocks.findIndex((block) => block.address === address)
  if (index < 0) throw new Error(`frees ${address}, which is not in use`)
  return blocks.toSpliced(index, 1)
}

/** @throws Error where the block is not in use */
export function own(blocks: Blocks, address: number, owner: number): Blocks {
  const index = blocks.findIndex((block) => block.address === address)
  const block = blocks[index]
  if (!block) throw new Error(`answers for ${address}, which is not in use`)
  return blocks.toSpliced(index, 1, { ...block, owner })
}

/** Whether a word may be touched. */
export function holds(blocks: Blocks, at: number): boolean {
  return at < HEAP_AT || blocks.some(({ address, bytes }) => at * 4 >= address && at * 4 < address + bytes)
}
