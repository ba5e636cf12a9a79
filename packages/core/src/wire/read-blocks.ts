import type { Cursor } from './cursor.js'
import { newBytes } from './new-bytes.js'

/** An ArrayBuffer that arrived, or the part of one that its views see. */
export interface Block {
  readonly buffer: ArrayBuffer
  /** Offset, in the sender's buffer, of its first byte. */
  readonly from: number
}

/** Reads the section that {@link Blocks} wrote. */
export function readBlocks(cursor: Cursor): Block[] {
  const count = cursor.word()
  cursor.at++
  const blocks: Block[] = []
  for (let i = 0; i < count; i++) {
    const from = cursor.double()
    const length = cursor.double()
    const maxByteLength = cursor.double()
    const bytes = maxByteLength < 0 ? newBytes(length) : new Uint8Array(new ArrayBuffer(length, { maxByteLength }))
    blocks.push({ from, buffer: cursor.copyBytes(bytes).buffer })
  }
  return blocks
}
