/**
 * The capture check: what an inline function takes from its surroundings and so would lack in another agent.
 */

import type { FreeVariable, Outside, Syntax } from './free-variables.js'
import { isStandardGlobal } from './globals.js'
import { HELPERS, VITE_IMPORT } from './helpers.js'

/** One thing that cannot travel: what it is, where it stands, and what to do instead. */
export interface Capture {
  /** Continues "… cannot run elsewhere: it uses". */
  readonly what: string
  /** Index into the function's source text. */
  readonly start: number
  readonly advice: string
}

const COMMON_JS = new Set(['require', 'module', 'exports', '__dirname', '__filename'])

/** What bundlers and test runners make of an imported binding `f`: `module.f`. The namespaces' names give them away. */
const IMPORTS = /^(?:__vi_import_\d+__|__vite_ssr_import_\d+__|import_\w+|\w+_\d+)$/

const SYNTAX_ADVICE: Record<Syntax['kind'], string> = {
  this: 'pass what it needs as an argument',
  super: 'pass what it needs as an argument',
  'new.target': 'pass what it needs as an argument',
  'import.meta': 'pass import.meta.url as an argument, or define the function with task(import.meta, …)',
  'private name': 'a private member is reachable only within its class',
}

/**
 * Everything that `outside` names and no other agent has, in the order of the text, each name once.
 *
 * @param ownName of the function: what it captures under that name is most likely itself
 */
export function findCaptures(outside: Outside, ownName: string): Capture[] {
  const captures = new Map<string, Capture>()
  for (const { kind, start } of outside.syntax) {
    const what = kind === 'private name' ? 'a private name of an enclosing class' : `'${kind}' of its surroundings`
    if (!captures.has(what)) captures.set(what, { what, start, advice: SYNTAX_ADVICE[kind] })
  }
  for (const variable of outside.variables) {
    const { name } = variable
    if (isStandardGlobal(name) || name in HELPERS || name === VITE_IMPORT) continue
    const capture = name === ownName ? recursion(variable) : describe(variable)
    if (!captures.has(capture.what)) captures.set(capture.what, capture)
  }
  return [...captures.values()].sort((a, b) => a.start - b.start)
}

function describe({ name, member, start }: FreeVariable): Capture {
  if (name === 'arguments') {
    return { what: "'arguments' of an enclosing function", start, advice: 'give it parameters: (...args) => …' }
  }
  if (name === '__vite_ssr_import_meta__') {
    return { what: "'import.meta' of its surroundings", start, advice: SYNTAX_ADVICE['import.meta'] }
  }
  if (/^cov_[\da-z]+$/.test(name)) {
    return {
      what: `'${name}', a counter that Istanbul's coverage put into it`,
      start,
      advice:
        "write /* istanbul ignore next */ before it, measure coverage with V8 (NODE_V8_COVERAGE, vitest's provider: 'v8'), or",
    }
  }
  if (name === 'exports' && member) return variable(member, start, ` (compiled to exports.${member})`)
  if (COMMON_JS.has(name)) {
    const advice = name.startsWith('__') ? 'pass it as an argument' : 'load modules with await import(…) inside the function'
    return { what: `'${name}', which exists only in a CommonJS module`, start, advice }
  }
  if (IMPORTS.test(name) && member) {
    const compiled = ` (compiled to ${name}.${member})`
    if (member === 'default') return { ...variable(name, start, compiled), what: `a default import${compiled}` }
    return variable(member, start, compiled)
  }
  return variable(name, start, '')
}

/** `const f = () => f()` and `{ f() { return f() } }`: only a function expression carries its own name. */
function recursion({ name, start }: FreeVariable): Capture {
  return { what: `'${name}', the variable that holds it`, start, advice: `to call itself, write function ${name}(…) { … }` }
}

function variable(name: string, start: number, note: string): Capture {
  const advice = `pass '${name}' as an argument (a module: await import(…) inside the function)`
  return { what: `'${name}'${note}`, start, advice }
}
