import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const core = createRequire(import.meta.url).resolve('@multiproc/core')
/** What a temporary module writes to import core, which is out of its sight. */
export const importCore = (names: string) => `import { ${names} } from ${JSON.stringify(pathToFileURL(core).href)}`
export const requireCore = (names: string) => `const { ${names} } = require(${JSON.stringify(core)})`

/**
 * Writes modules to a folder of their own, for as long as `run` takes: among them are some that no compiler, linter or bundler would let pass.
 * @param run is given what names the files
 */
export async function withModules<T>(
  files: Readonly<Record<string, string>>,
  run: (at: (name: string) => URL) => Promise<T> | T,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'multiproc-modules-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return await run((name) => pathToFileURL(join(folder, name)))
  } finally {
    await rm(folder, { recursive: true })
  }
}
