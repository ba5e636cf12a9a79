import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
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

/** The file that loads the bundle is one module, which the bundle refers to as well. */
const sharedCode: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'shared-code',
  setup({ onResolve }) {
    onResolve({ filter: /\/shared-code\.js$/ }, () => ({ path: './shared-code.cjs', external: true }))
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
 * @param exported those that users may load, by name
 */
export function commonjsFirst(entry: { index: string } & Record<string, string>, exported: readonly string[] = ['index']) {
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
    esbuildPlugins: [sharedCode],
    silent: true,
    dts: { entry: Object.fromEntries(exported.map((name) => [name, entry[name] as string])), compilerOptions },
    // `import.meta.url` is empty in CommonJS. The banner comes before the directive that esbuild writes, hence its own.
    banner: { js: `'use strict';const importMetaUrl = require('node:url').pathToFileURL(__filename).href;` },
    esbuildOptions(options) {
      options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' }
    },
    async onSuccess() {
      for (const name of exported) {
        await splitEntry(name, name === 'index' ? 'bundle' : `${name}-bundle`, 'shared-code' in entry)
        const reExport = `export * from './${name}.cjs'\n`
        await Promise.all([writeFile(`dist/${name}.mjs`, reExport), writeFile(`dist/${name}.d.mts`, reExport)])
      }
    },
  })
}

/**
 * Moves the code of `<name>.cjs` to `<bundle>.cjs` and leaves a file that only hands it on. An `import` of CommonJS makes Node's lexer read the whole file for
 * the names it exports: 40 ms for a bundle of 270 KB, in every agent, against 1 ms for the few lines that remain.
 * @param shared whether its code is compiled once for all threads: `packages/core/src/shared-code.ts`
 */
async function splitEntry(name: string, bundle: string, shared: boolean): Promise<void> {
  const code = await readFile(`dist/${name}.cjs`, 'utf8')
  const names = /^0 && \(module\.exports = \{[^}]*\}\);?$/m.exec(code)?.[0]
  if (!names) throw new Error(`dist/${name}.cjs has no annotation of its exports' names`)
  const own = code.replace(`//# sourceMappingURL=${name}.cjs.map`, `//# sourceMappingURL=${bundle}.cjs.map`)
  const mark = shared ? `/* multiproc ${createHash('sha256').update(own).digest('hex').slice(0, 16)} */` : ''
  // On its first line, which is the banner's: the others stay where the source map says.
  await writeFile(`dist/${bundle}.cjs`, mark + own)
  await rename(`dist/${name}.cjs.map`, `dist/${bundle}.cjs.map`)
  const plainly = `require('./${bundle}.cjs')`
  const loaded = shared ? `require('./shared-code.cjs').load(__dirname, '${mark}', () => ${plainly})` : plainly
  // In two statements: the lexer would follow `module.exports = require(…)` into the bundle.
  const handOn = `'use strict'\nconst bundle = ${loaded}\nmodule.exports = bundle\n${names}\n`
  await writeFile(`dist/${name}.cjs`, handOn)
}
