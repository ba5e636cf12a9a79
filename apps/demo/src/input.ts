import { stat } from 'node:fs/promises'
import { glob } from 'tinyglobby'
import { UsageError } from './usage-error.js'

export interface TextFile {
  readonly path: string
  readonly bytes: number
  /** ms since 1970. */
  readonly modified: number
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
 * `most` bytes of them.
 * @throws UsageError where `directory` is none, or has no such file
 */
export async function findInput(directory: string, most = MOST_BYTES): Promise<Input> {
  const isDirectory = await stat(directory).then(
    (it) => it.isDirectory(),
    () => false,
  )
  if (!isDirectory) throw new UsageError(`--input must be a directory that exists; got '${directory}'`)
  const paths = await glob('**/*.{md,ts,js}', {
    cwd: directory,
    absolute: true,
    followSymbolicLinks: false,
    expandDirectories: false,
  })
  // What vanishes in between is not there.
  const inspected = await Promise.all(paths.sort().map((path) => inspect(path).catch(() => [])))
  const found = inspected.flat()
  if (found.length === 0) throw new UsageError(`no .md, .ts or .js file below '${directory}': choose another --input`)
  let room = most
  const files = found.filter(({ bytes }) => {
    const fits = bytes <= room
    if (fits) room -= bytes
    return fits
  })
  return { directory, files, bytes: sum(files), found: { files: found.length, bytes: sum(found) } }
}

/** The paths of those that are no longer as they were. */
export async function changedFiles(files: readonly TextFile[]): Promise<string[]> {
  const now = await Promise.all(files.map(({ path }) => inspect(path).catch(() => undefined)))
  const changed = files.filter(({ bytes, modified }, n) => now[n]?.bytes !== bytes || now[n]?.modified !== modified)
  return changed.map(({ path }) => path)
}

async function inspect(path: string): Promise<TextFile> {
  const { size, mtimeMs } = await stat(path)
  return { path, bytes: size, modified: mtimeMs }
}

function sum(files: readonly TextFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}
