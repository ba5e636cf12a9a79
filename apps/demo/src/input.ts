import { stat } from 'node:fs/promises'
import { glob } from 'tinyglobby'

export interface TextFile {
  readonly path: string
  readonly bytes: number
}

/** Real text to work on. */
export interface Input {
  readonly directory: string
  /** Those to be worked on, in the order of their paths. */
  readonly files: readonly TextFile[]
  readonly bytes: number
  /** All there are, `files` and those beyond `MOST_BYTES`. */
  readonly found: { readonly files: number; readonly bytes: number }
}

/** What a default run gets through in well under a minute on two cores. */
export const MOST_BYTES = 100e6

/**
 * The `.md`, `.ts` and `.js` files below `directory`, `node_modules` included, links and hidden folders not; at most
 * `MOST_BYTES` of them.
 * @throws Error where `directory` is none, or has no such file
 */
export async function findInput(directory: string): Promise<Input> {
  const isDirectory = await stat(directory).then((it) => it.isDirectory(), () => false)
  if (!isDirectory) throw new Error(`--input must be a directory that exists; got '${directory}'`)
  const paths = await glob('**/*.{md,ts,js}', { cwd: directory, absolute: true, followSymbolicLinks: false, expandDirectories: false })
  const found = await Promise.all(paths.sort().map(async (path) => ({ path, bytes: (await stat(path)).size })))
  if (found.length === 0) throw new Error(`no .md, .ts or .js file below '${directory}': choose another --input`)
  let room = MOST_BYTES
  const files = found.filter(({ bytes }) => bytes <= room && (room -= bytes) >= 0)
  return { directory, files, bytes: sum(files), found: { files: found.length, bytes: sum(found) } }
}

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

function sum(files: readonly TextFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}
