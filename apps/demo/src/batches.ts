import type { TextFile } from './input.js'

/** Groups files to about `bytes` each, so that a worker's answer is worth the message. */
export function inBatches(files: readonly TextFile[], bytes: number): TextFile[][] {
  const batches: TextFile[][] = []
  let room = 0
  for (const file of files) {
    if (room <= 0) {
      batches.push([])
      room = bytes
    }
    batches.at(-1)?.push(file)
    room -= file.bytes
  }
  return batches
}
