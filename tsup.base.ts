import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { defineConfig, type Options } from 'tsup'

type Plugin = NonNullable<Options['plugins']>[number]

/** In place of tsup's `clean`, whose second half runs after `onSuccess` and takes declarations written there with it. */
function clean(): void {
  rmSync('dist', { recursive: true, force: true })
}

/**
 * Gives classes their names back. A top-level class that mentions itself leaves esbuild as `var Lock = class _Lock`, and
 * `_Lock` is what users would then read in stack traces and in `console.log(lock)`. Calling the inner name `Lock` again
 * changes no meaning: it is the same class, and esbuild lets no inner scope reuse the name of a top-level one.
 */
const classNames: Plugin = {
  name: 'class-names',
  renderChunk(code, { map }) {
    const renamed = new Set([...code.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => `_${name}`))
    return { code: code.replace(/\b_\w+/g, (word) => (renamed.has(word) ? word.slice(1) : word)), map: map ?? null }
  },
}

/** tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated. */
const compilerOptions = { ignoreDeprecations: '6.0' }

/**
 * A published package whose code exists once in an agent, however it is loaded.
 *
 * A program may `import` multiproc while one of its dependencies `require`s it. Two builds would then be two sets of
 * error classes (`instanceof` fails) and two of every module state (two memories, two registries). So the one real build
 * is CommonJS, which also starts faster in a worker, and the ES module entry re-exports it: Node finds the names through
 * the annotation that esbuild leaves for cjs-module-lexer.
 *
 * @param entry source by name of the built file; `index` is the package's entry. Files of one package share no module
 *   state with each other (each is bundled whole): state that must exist once lives in core.
 */
export function commonjsFirst(entry: { index: string } & Record<string, string>) {
  clean()
  return defineConfig({
    entry,
    format: 'cjs',
    target: 'node20',
    platform: 'node',
    removeNodeProtocol: false,
    splitting: false,
    sourcemap: true,
    // Names kept by esbuild's helper cost a defineProperty for every closure, on paths measured in nanoseconds.
    minify: false,
    keepNames: false,
    plugins: [classNames],
    silent: true,
    dts: { entry: { index: entry.index }, compilerOptions },
    // `import.meta.url` is empty in CommonJS. The banner comes before the directive that esbuild writes, hence its own.
    banner: { js: `'use strict';const importMetaUrl = require('node:url').pathToFileURL(__filename).href;` },
    esbuildOptions(options) {
      options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' }
    },
    async onSuccess() {
      const reExport = `export * from './index.cjs'\n`
      await Promise.all([writeFile('dist/index.mjs', reExport), writeFile('dist/index.d.mts', reExport)])
    },
  })
}
