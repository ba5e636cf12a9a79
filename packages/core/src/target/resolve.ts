/**
 * Targets found and rebuilt, in the agent that is to run them.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isModuleNamespaceObject } from 'node:util/types'
import { TargetError } from '../errors.js'
import { dynamicImport } from '../shared-code.js'
import type { ModuleDescription, TargetDescription } from './describe.js'
import { evaluateInline } from './evaluate.js'
import type { InlineDescription } from './inline.js'
import { kindOfFunction, show } from './kinds.js'
import { findTask, taskNames } from './task.js'
import { registerTsx } from './typescript.js'

type AnyFunction = (...args: unknown[]) => unknown
type Namespace = Record<string, unknown>

// Failures are kept as successes are: each later call of a broken target fails at once, with the very same error.
const modules = new Map<string, Promise<Namespace>>()
const targets = new Map<string, Promise<AnyFunction>>()
/** Of these modules, those that are there. */
const loaded = new Map<string, Namespace>()

/** Programs that generate inline code must not fill an agent's memory. */
const MAX_TARGETS = 2000

let loading = 0

/** Whether a target's module is being evaluated in this agent: what it starts then, it would start again in each of its children. */
export function isLoading(): boolean {
  return loading > 0
}

/**
 * The function that `description` stands for; found once per agent.
 *
 * Rejects with what importing its module threw, or with a TargetError where the module has no such function.
 */
export function loadTarget(description: TargetDescription): Promise<AnyFunction> {
  const key = keyOf(description)
  let target = targets.get(key)
  if (!target) {
    if (targets.size >= MAX_TARGETS) targets.clear()
    target = description.kind === 'inline' ? loadInline(description) : loadFromModule(description)
    // Whoever asks gets the rejection; nobody having asked yet is no unhandled one.
    target.catch(() => {})
    targets.set(key, target)
  }
  return target
}

/**
 * The same at once, for a thread that cannot wait.
 * @throws TargetError where its module is not there and cannot be loaded without waiting; what loading or rebuilding it throws
 */
export function targetNow(description: TargetDescription): AnyFunction {
  if (description.kind === 'inline') return evaluateInline(description)
  const { url, name, task } = description
  if (task && findTask(url, name)) return taskOf(url, name)
  const namespace = loaded.get(url) ?? requireModule(url)
  return task ? taskOf(url, name) : exportOf(namespace, url, name)
}

function keyOf(description: TargetDescription): string {
  if (description.kind === 'module') return `${description.task ? 'task' : 'export'} ${description.url} ${description.name}`
  const { name, source, file = '', line = 0, column = 0 } = description
  return `inline ${name}\n${file}:${line}:${column}\n${source}`
}

async function loadInline(description: InlineDescription): Promise<AnyFunction> {
  if (description.imports) await registerTsx()
  return evaluateInline(description)
}

async function loadFromModule({ url, name, task }: ModuleDescription): Promise<AnyFunction> {
  const namespace = await loadModule(url)
  return task ? taskOf(url, name) : exportOf(namespace, url, name)
}

function loadModule(url: string): Promise<Namespace> {
  let module = modules.get(url)
  if (!module) {
    module = importModule(url)
    modules.set(url, module)
  }
  return module
}

async function importModule(url: string): Promise<Namespace> {
  await registerTsx()
  loading++
  try {
    const namespace = (await dynamicImport(url)) as Namespace
    loaded.set(url, namespace)
    return namespace
  } catch (error) {
    throw explain(error)
  } finally {
    loading--
  }
}

/** As `importModule`, at once: Node can `require` all but the ES modules that await something at their top level. */
function requireModule(url: string): Namespace {
  loading++
  try {
    const found: unknown = createRequire(import.meta.url)(url.startsWith('file:') ? fileURLToPath(url) : url)
    const namespace = isModuleNamespaceObject(found) ? (found as Namespace) : { default: found }
    loaded.set(url, namespace)
    return namespace
  } catch (error) {
    if (!/^(ERR_REQUIRE|ERR_UNKNOWN|MODULE_NOT_FOUND)/.test(String((error as { code?: unknown } | null)?.code))) throw error
    throw new TargetError(
      `${readable(url)} has not been loaded in this process, and cannot be loaded while a sync call blocks the thread. Import it before, or use the async form`,
      { cause: error },
    )
  } finally {
    loading--
  }
}

function taskOf(url: string, name: string): AnyFunction {
  const fn = findTask(url, name)
  if (fn) return fn
  const names = taskNames(url)
  throw new TargetError(
    `${readable(url)} was loaded in the worker and defined no task ${JSON.stringify(name)} (${list('tasks', names)}). A task must be ` +
      "defined whenever its module is loaded: at the module's top level, not within a function or `if (isMainProcess)`",
  )
}

function exportOf(namespace: Namespace, url: string, name: string): AnyFunction {
  const found = lookUp(namespace, name)
  if (!found) {
    throw new TargetError(`${readable(url)} has no export ${JSON.stringify(name)} (${list('exports', exportNames(namespace))})`)
  }
  const { value } = found
  const what = `export ${JSON.stringify(name)} of ${readable(url)}`
  if (typeof value !== 'function') throw new TargetError(`${what} is no function but ${show(value)}`)
  const kind = kindOfFunction(value)
  if (kind) throw new TargetError(`${what} is a ${kind}: a target must be a plain or an async function`)
  return value as AnyFunction
}

/**
 * Of a CommonJS module, Node finds only those named exports that it can tell from the source; `module.exports`, the default
 * export, has all. Where that was compiled from an ES module, its own default export is one level deeper.
 */
function lookUp(namespace: Namespace, name: string): { value: unknown } | undefined {
  const whole = namespace.default
  const isObject = (typeof whole === 'object' && whole !== null) || typeof whole === 'function'
  const compiled = isObject && '__esModule' in whole && name in whole
  if (name === 'default' && compiled) return { value: (whole as Namespace).default }
  if (name in namespace) return { value: namespace[name] }
  if (isObject && Object.hasOwn(whole, name)) return { value: (whole as Namespace)[name] }
  return undefined
}

function exportNames(namespace: Namespace): string[] {
  const whole = namespace.default
  const inner = typeof whole === 'object' && whole !== null ? Object.keys(whole) : []
  const names = new Set([...Object.keys(namespace), ...inner])
  names.delete('module.exports')
  return [...names]
}

function list(what: string, names: readonly string[]): string {
  if (names.length === 0) return `it has no ${what}`
  const more = names.length > 20 ? `, and ${names.length - 20} more` : ''
  return `its ${what}: ${names.slice(0, 20).join(', ')}${more}`
}

function readable(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url.length > 80 ? `${url.slice(0, 80)}…` : url
}

/** Node's own message names neither the reason nor a way out; every other error is passed on as it is. */
function explain(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_UNKNOWN_FILE_EXTENSION') return error
  const { message } = error as Error
  const file = /for (.*)$/.exec(message)?.[1]
  if (!file || !/\.[cm]?tsx?$/.test(file)) return error
  return new TargetError(
    `${file} cannot be loaded in a worker: this Node (${process.version}) does not run TypeScript by itself, and whatever ran it in ` +
      'the main program (a test runner such as vitest, say) does not reach into workers. Run the program with tsx, use ' +
      'Node 22.18 or later, put the target into a .js file, or pass it inline',
    { cause: error },
  )
}
