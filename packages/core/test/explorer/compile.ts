import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { withCuts } from './cuts.js'
import { Platform } from './platform.js'

export type Subject = typeof import('./subject.js')

/** A change of the production source: in `file` (below `src`), all of `find`, which must occur exactly once, becomes `replace`. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** The production source, running on the explorer's platform. */
export interface Compiled {
  readonly subject: Subject
  readonly platform: Platform
}

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const SUBJECT = fileURLToPath(new URL('./subject.ts', import.meta.url))

/**
 * Bundles the production source and evaluates it where the globals through which it reaches the world (`Atomics`, timers, `Promise`, the clock) are
 * the explorer's.
 * @param forgets whether agents forget what cannot matter any more (`cuts.ts`); without, there are many times as many states
 * @throws where an edit does not match: the source has changed, and the mutant must follow
 */
export async function compile(edits: readonly Edit[] = [], forgets = true): Promise<Compiled> {
  const unused = new Set(edits)
  const { outputFiles } = await build({
    entryPoints: [SUBJECT],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    plugins: [
      {
        name: 'edits',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            if (!path.startsWith(SRC)) return undefined
            const file = path.slice(SRC.length).replaceAll(sep, '/')
            let contents = await readFile(path, 'utf8')
            for (const edit of edits) {
              if (edit.file !== file) continue
              contents = replaceOnce(contents, edit)
              unused.delete(edit)
            }
            return { contents: forgets ? withCuts(file, contents) : contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  if (unused.size > 0) throw new Error(`not part of the explored source: ${[...unused].map((edit) => edit.file).join(', ')}`)
  const platform = new Platform()
  const globals = { ...platform.globals, require: createRequire(import.meta.url) }
  const evaluate = new Function('module', ...Object.keys(globals), outputFiles[0]?.text as string)
  const module = { exports: {} }
  evaluate(module, ...Object.values(globals))
  return { subject: module.exports as Subject, platform }
}

function replaceOnce(source: string, { file, find, replace }: Edit): string {
  const pieces = source.split(find)
  if (pieces.length !== 2) throw new Error(`a mutant's text occurs ${pieces.length - 1} times in ${file}, not once: ${find}`)
  return pieces.join(replace)
}
