/**
 * The package's code, compiled once for all threads of a process. Most of what a thread spends on loading a bundle is V8's reading of it: the thread that has
 * done so leaves what came of it, V8's code cache, where the threads that it starts find it.
 *
 * Built as a file of its own, which loads the bundle (`tsup.base.ts`).
 */
import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'

/** The shared buffer: a word, then the cache. The word is 0 before there is one, `WRITING`, or the cache's length in bytes. */
const HEAD_BYTES = 8
const WRITING = -1
/** Address space: memory is used as it is needed. */
const MOST_BYTES = 2 ** 24

const WRAPPER = ['(function (exports, require, module, __filename, __dirname) {', '\n})'] as const

type ModuleFunction = (exports: unknown, require: NodeJS.Require, module: object, filename: string, dirname: string) => void

/** Of this thread. */
let compiled: { readonly script: Script; readonly buffer: SharedArrayBuffer } | undefined

/**
 * Runs `bundle.cjs`.
 * @param folder where it lies
 * @param mark what it begins with: of every build another
 * @param plainly loads it as any module, where its code cannot be shared
 * @returns its exports
 */
export function load(folder: string, mark: string, plainly: () => unknown): unknown {
  const filename = join(folder, 'bundle.cjs')
  const source = mayShare() ? read(filename) : undefined
  // A bundler has put it elsewhere.
  if (!source?.startsWith(mark)) return plainly()
  const buffer = bufferOf(mark)
  const cachedData = codeIn(buffer)
  const script = new Script(WRAPPER[0] + source + WRAPPER[1], {
    filename,
    columnOffset: -WRAPPER[0].length,
    ...(cachedData && { cachedData }),
  })
  compiled = { script, buffer }
  const module = { exports: {} }
  const run = script.runInThisContext() as ModuleFunction
  run(module.exports, createRequire(filename), module, filename, folder)
  return module.exports
}

/** `import()`, for the bundle: code of which V8 kept what came of it cannot import by itself, since Node does not know it as a module. */
export function dynamicImport(specifier: string): Promise<unknown> {
  return import(specifier)
}

/** Leaves the code for the threads that this one starts. To be called when one has been started: it is there before that one comes to look. */
export function shareCode(): void {
  if (!compiled) return
  const { script, buffer } = compiled
  compiled = undefined
  const head = new Int32Array(buffer, 0, 1)
  if (Atomics.compareExchange(head, 0, 0, WRITING) !== 0) return
  // With all functions that have been called until now: others will need the same.
  const code = script.createCachedData()
  try {
    buffer.grow(HEAD_BYTES + code.length)
  } catch {
    // It is larger than ever thought of, or there is no memory to spare: they compile it themselves.
    return
  }
  new Uint8Array(buffer, HEAD_BYTES, code.length).set(code)
  Atomics.store(head, 0, code.length)
}

function mayShare(): boolean {
  // Jest, for one, gives modules a global object of their own.
  if (new Script('Object').runInThisContext() !== Object) return false
  // Node 22 and later may keep code on disk, for threads too: of what is loaded plainly.
  const { getCompileCacheDir } = Module as { getCompileCacheDir?: () => string | undefined }
  if (getCompileCacheDir?.() !== undefined) return false
  // --enable-source-maps is about modules alone.
  return (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled !== true
}

function read(filename: string): string | undefined {
  try {
    // All of it is ASCII: esbuild sees to that.
    return readFileSync(filename, 'latin1')
  } catch {
    return undefined
  }
}

/** Whatever a thread calls environment data comes to the threads that it starts. */
function bufferOf(mark: string): SharedArrayBuffer {
  const received = getEnvironmentData(mark)
  if (received instanceof SharedArrayBuffer) return received
  const buffer = new SharedArrayBuffer(HEAD_BYTES, { maxByteLength: MOST_BYTES })
  setEnvironmentData(mark, buffer)
  return buffer
}

function codeIn(buffer: SharedArrayBuffer): Uint8Array | undefined {
  const length = Atomics.load(new Int32Array(buffer, 0, 1), 0)
  return length > 0 ? new Uint8Array(buffer, HEAD_BYTES, length).slice() : undefined
}
