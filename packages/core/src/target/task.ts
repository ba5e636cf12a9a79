/**
 * Tasks: functions that other agents find by the module that defines them and their name.
 */
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TargetError } from '../errors.js'
import { kindOfFunction, show } from './kinds.js'

/** A function of a module: the export called `name`, by default the default export. */
export interface ModuleReference {
  /** A URL, or as a string a `file:` URL or an absolute path. */
  readonly module: URL | string
  readonly name?: string
}

/**
 * What can run in another agent: a {@link task}, a reference to a module's export, or a function that uses nothing of its
 * surroundings and so can travel as source text.
 */
// biome-ignore lint/suspicious/noExplicitAny: the default accepts functions of any parameters, which `unknown[]` would not
export type Target<A extends unknown[] = any[], R = unknown> = ((...args: A) => R | Promise<R>) | ModuleReference

export interface TaskAddress {
  readonly url: string
  readonly name: string
}

type AnyFunction = (...args: unknown[]) => unknown

interface Registry {
  readonly functions: Map<string, { readonly fn: AnyFunction; readonly where: unknown }>
  readonly addresses: WeakMap<object, TaskAddress>
}

// A program may well hold core twice, as ESM and as CommonJS: both must see the same tasks.
const REGISTRY = Symbol.for('multiproc.tasks')
const holder = globalThis as { [REGISTRY]?: Registry }
holder[REGISTRY] ??= { functions: new Map(), addresses: new WeakMap() }
const { functions, addresses } = holder[REGISTRY]

/**
 * Makes `fn` runnable in other agents, which import its module and find it there by its name. To be called at the module's
 * top level.
 *
 * @param where `import.meta`, or the module's URL or absolute path (`__filename` in CommonJS)
 * @returns `fn` itself
 * @throws TargetError where `fn` has no name, is a generator or a class, or where its module has a task of that name already
 * @throws TypeError where `where` names no module or `fn` is no function
 */
export function task<F extends (...args: never[]) => unknown>(where: ImportMeta | { url: string } | string | URL, fn: F): F {
  if (typeof fn !== 'function') throw new TypeError(`task(where, fn): fn must be a function, got ${show(fn)}`)
  const url = moduleUrl(locationOf(where), 'task(where, fn): where')
  const { name } = fn
  const kind = kindOfFunction(fn)
  if (kind) throw new TargetError(`task ${JSON.stringify(name)} is a ${kind}: a task must be a plain or an async function`)
  if (name === '') {
    throw new TargetError(
      `a task needs a name, by which other agents find it: write task(import.meta, function myTask(…) { … }) in ${url}`,
    )
  }
  const key = taskKey(url, name)
  const earlier = functions.get(key)
  if (earlier && !isLaterEvaluation(where, earlier.where)) {
    throw new TargetError(`two tasks are called ${JSON.stringify(name)} in ${url}: the name is how other agents tell them apart`)
  }
  functions.set(key, { fn: fn as unknown as AnyFunction, where })
  if (!addresses.has(fn)) addresses.set(fn, { url, name })
  return fn
}

/** Where `fn` was defined as a task, if it was. */
export function taskAddress(fn: object): TaskAddress | undefined {
  return addresses.get(fn)
}

/** The task that the module at `url`, loaded before, has defined under `name`. */
export function findTask(url: string, name: string): AnyFunction | undefined {
  return functions.get(taskKey(url, name))?.fn
}

/** The names of all tasks that the module at `url` has defined. */
export function taskNames(url: string): string[] {
  const prefix = taskKey(url, '')
  return [...functions.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
}

/**
 * The URL under which `import()` finds a module.
 * @throws TypeError naming `what` where it is no URL and no absolute path
 */
export function moduleUrl(module: unknown, what: string): string {
  const wanted = `${what} must be a URL, a file: URL or an absolute path`
  if (module instanceof URL) return normalise(module)
  if (typeof module !== 'string') throw new TypeError(`${wanted}, got ${show(module)}`)
  if (isAbsolute(module)) return pathToFileURL(module).href
  if (/^(?:file|data|node):/.test(module) && URL.canParse(module)) return normalise(new URL(module))
  throw new TypeError(`${wanted}, got ${show(module)}: write new URL(${JSON.stringify(module)}, import.meta.url)`)
}

function normalise(url: URL): string {
  if (url.hash === '' || url.protocol === 'data:') return url.href
  const bare = new URL(url)
  bare.hash = ''
  return bare.href
}

function locationOf(where: unknown): unknown {
  if (typeof where !== 'object' || where === null || where instanceof URL) return where
  const { url } = where as { url?: unknown }
  if (url === undefined) {
    throw new TypeError(
      'task(where, fn): where has no url. A compiler to CommonJS leaves import.meta empty: there, pass __filename instead',
    )
  }
  return url
}

/**
 * A module that is evaluated again (by a test runner that resets modules, say) defines its tasks again, and the newest count.
 * Each evaluation has an `import.meta` of its own; a second task of the same evaluation comes with the same one.
 */
function isLaterEvaluation(where: unknown, earlier: unknown): boolean {
  return where !== earlier && isImportMeta(where) && isImportMeta(earlier)
}

function isImportMeta(where: unknown): boolean {
  // Node's own has both; tsx in CommonJS, one. An object that merely has a url may be a new one at each call.
  return typeof where === 'object' && where !== null && ('resolve' in where || 'filename' in where)
}

function taskKey(url: string, name: string): string {
  // A space cannot occur in a normalised URL.
  return `${url} ${name}`
}
