import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { task } from '@multiproc/core'
import { megabytes } from '../format.js'
import type { TextFile } from '../input.js'
import type { Job, Outcome, Setting } from '../job.js'
import { mapSerially } from '../serial.js'

interface Digest {
  readonly sha256: string
  /** Bytes after gzip. */
  readonly packed: number
}

const digestFile = task(import.meta, function digestFile({ path }: TextFile): Digest {
  const content = readFileSync(path)
  return { sha256: createHash('sha256').update(content).digest('hex'), packed: gzipSync(content).length }
})

/** One call for thousands of files. A chunk goes to a worker whole: small ones keep all busy to the end, and the bar moving. */
export const digest: Job = {
  name: 'digest',
  title: 'SHA-256 + gzip',
  about: 'Hashes and compresses every file: pool.map over the files, eight to a chunk.',
  unit: 'files',
  readsFiles: true,

  async serially({ files }, onProgress) {
    return outcome(await mapSerially(digestFile, files, onProgress), files)
  },

  async on(mp, { files, workers }, onProgress) {
    await using pool = new mp.Pool(workers)
    return outcome(await pool.map(digestFile, files, { chunksize: 8, onProgress }), files)
  },
}

function outcome(digests: readonly Digest[], files: Setting['files']): Outcome {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const packed = digests.reduce((sum, one) => sum + one.packed, 0)
  const all = createHash('sha256')
  for (const { sha256 } of digests) all.update(sha256)
  return {
    result: digests,
    items: files.length,
    summary: `${megabytes(bytes)} become ${megabytes(packed)}; all hashes together ${all.digest('hex').slice(0, 12)}…`,
  }
}
