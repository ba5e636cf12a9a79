/**
 * tsx in worker threads. Workers inherit the `--import tsx` of their parent, but where Node's module hooks are asynchronous
 * tsx installs them for the main thread alone; a worker has to register them itself.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { dynamicImport } from '../shared-code.js'

/** From these versions on, within their release lines, tsx uses synchronous hooks, and those it installs in every thread. */
const SYNCHRONOUS_HOOKS = [
  [22, 22, 3],
  [24, 11, 1],
  [25, 1, 0],
  [26, 0, 0],
] as const

let registered: Promise<void> | undefined

/**
 * Lets this thread import TypeScript as the main thread does, if that runs under tsx; otherwise does nothing.
 *
 * Called before the first module of the user's is loaded and not when the thread starts: it costs some 100 ms, which
 * inline functions need not pay.
 *
 * @param execArgv the options that Node was started with, in which tsx shows
 */
export function registerTsx(execArgv: readonly string[] = process.execArgv): Promise<void> | undefined {
  if (isMainThread) return undefined
  registered ??= register(execArgv)
  return registered
}

async function register(execArgv: readonly string[]): Promise<void> {
  if (hasSynchronousHooks(process.versions.node)) return
  const directory = findTsx([...execArgv, ...splitOptions(process.env.NODE_OPTIONS)])
  if (directory === undefined) return
  for (const api of ['./esm/api', './cjs/api']) {
    // The same file whether core runs as ESM or CommonJS: tsx's CommonJS build of esm/api looks for its loader in a wrong place.
    const { register } = (await dynamicImport(importEntry(directory, api))) as { register(): unknown }
    if (api === './esm/api' || !hooksRequire()) register()
  }
}

/** The CommonJS half is installed by `--import tsx` in every thread, and a second time would compile everything twice. */
function hooksRequire(): boolean {
  const { extensions } = createRequire(join(process.cwd(), 'noop.js'))
  return '.ts' in extensions
}

const LOADING_OPTION = /^(?:--import|--require|--loader|--experimental-loader|-r)(?:=(.*))?$/

/** The directory of the tsx whose module hooks these options install: `--import tsx`, or by path as the tsx command does it. */
export function findTsx(options: readonly string[]): string | undefined {
  for (const [i, option] of options.entries()) {
    const match = LOADING_OPTION.exec(option)
    const directory = match ? packageDirectory(match[1] ?? options[i + 1] ?? '') : undefined
    if (directory !== undefined) return directory
  }
  return undefined
}

function packageDirectory(specifier: string): string | undefined {
  // Not tsx/cjs: whoever loads that alone does without ES module hooks in the main thread too.
  if (specifier === 'tsx' || specifier === 'tsx/esm') {
    try {
      return dirname(createRequire(join(process.cwd(), 'noop.js')).resolve('tsx/package.json'))
    } catch {
      return undefined
    }
  }
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier
  return /^(.*[\\/]tsx)[\\/]dist[\\/](?:loader|esm[\\/]index)\.mjs$/.exec(path)?.[1]
}

function importEntry(directory: string, subpath: string): string {
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { exports: Record<string, unknown> }
  let entry = exports[subpath]
  while (typeof entry === 'object' && entry !== null) {
    const conditions = entry as Record<string, unknown>
    entry = conditions.import ?? conditions.default
  }
  if (typeof entry !== 'string')
    throw new Error(`tsx in ${directory} has no ${subpath}: multiproc needs tsx 4.10 or later in workers`)
  return pathToFileURL(join(directory, entry)).href
}

function hasSynchronousHooks(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  return SYNCHRONOUS_HOOKS.some(([a, b, c], i) => {
    const isLast = i === SYNCHRONOUS_HOOKS.length - 1
    if (major !== a) return isLast && major > a
    return minor > b || (minor === b && patch >= c)
  })
}

/** As Node splits NODE_OPTIONS: at spaces, but for double quotes and backslashes within them. */
function splitOptions(options = ''): string[] {
  return [...options.matchAll(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g)].map(([option]) =>
    option.replace(/"((?:[^"\\]|\\.)*)"/g, unquote),
  )
}

function unquote(_: string, quoted: string): string {
  return quoted.replace(/\\(.)/g, '$1')
}
