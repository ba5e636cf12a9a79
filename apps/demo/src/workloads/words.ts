import { readFileSync } from 'node:fs'
import { task } from '@multiproc/core'
import { inBatches } from '../batches.js'
import { count } from '../format.js'
import type { TextFile } from '../input.js'
import type { Job, Outcome } from '../job.js'
import { mapSerially } from '../serial.js'

const BATCH_BYTES = 1e6

/** How often each word occurs in these files. Runs in the workers, which import this module and find it by its name. */
const countWords = task(import.meta, function countWords(files: readonly TextFile[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { path } of files) {
    for (const word of readFileSync(path, 'utf8').match(/\p{L}[\p{L}\p{N}_]*/gu) ?? []) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  return counts
})

/** Map and reduce: the pool counts batches of files, and this thread adds up what comes back. */
export const words: Job = {
  name: 'words',
  title: 'Word count',
  about: 'How often each word occurs in all files: pool.map over batches of files, a Map of counts from each.',
  unit: 'words',
  readsFiles: true,

  async serially({ files }, onProgress) {
    return addUp(await mapSerially(countWords, inBatches(files, BATCH_BYTES), onProgress))
  },

  async on(mp, { files, workers }, onProgress) {
    await using pool = new mp.Pool(workers)
    return addUp(await pool.map(countWords, inBatches(files, BATCH_BYTES), { chunksize: 1, onProgress }))
  },
}

function addUp(parts: readonly Map<string, number>[]): Outcome {
  const totals = new Map<string, number>()
  let items = 0
  for (const part of parts) {
    for (const [word, n] of part) {
      totals.set(word, (totals.get(word) ?? 0) + n)
      items += n
    }
  }
  const most = [...totals].sort(([, a], [, b]) => b - a).slice(0, 3)
  return {
    result: totals,
    items,
    summary: `${count(items)} words, ${count(totals.size)} different; most often: ${most.map(([word]) => word).join(', ')}`,
  }
}
