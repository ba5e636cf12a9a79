import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface InputFolder extends AsyncDisposable {
  readonly path: string
  readonly bytes: number
}

/** A folder with three files to be counted, nested, and three that are none of ours. */
export async function inputFolder(): Promise<InputFolder> {
  const path = await mkdtemp(join(tmpdir(), 'multiproc-demo-'))
  const ours = {
    'a.md': 'one two three\nthree',
    'node_modules/b/index.js': 'const three = 3 // __proto__ constructor',
    'src/c.ts': `${'three größe '.repeat(500)}\n`,
  }
  const others = { 'd.txt': 'one', '.hidden/e.md': 'one', 'f.json': '{}' }
  for (const [name, text] of Object.entries({ ...ours, ...others })) {
    await mkdir(join(path, name, '..'), { recursive: true })
    await writeFile(join(path, name), text)
  }
  const bytes = Object.values(ours).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return { path, bytes, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
