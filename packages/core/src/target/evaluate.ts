/**
 * Inline functions rebuilt from their source, in the agent that runs them.
 */
import Module from 'node:module'
import { dirname } from 'node:path'
import { compileFunction, constants } from 'node:vm'
import { HELPERS, VITE_IMPORT } from './helpers.js'
import type { InlineDescription } from './inline.js'

type AnyFunction = (...args: unknown[]) => unknown
type Factory = (...helpers: unknown[]) => AnyFunction

const PARAMETERS = Object.keys(HELPERS)

/** @throws SyntaxError where this agent's Node does not know the syntax that its parent's acorn knew */
export function evaluateInline(description: InlineDescription): AnyFunction {
  const factory = description.imports ? compileImporting(description) : compilePlain(description)
  const fn = factory(...Object.values(HELPERS))
  const { name } = description
  // What a variable or property was called is not in the source text, yet stacks should show it.
  if (fn.name !== name) Object.defineProperty(fn, 'name', { value: name, configurable: true })
  return fn
}

function compilePlain({ source, name, sloppy }: InlineDescription): Factory {
  const filename = `inline:${name || 'anonymous'}`
  return compileFunction(`${strictness(sloppy)}return (\n${source}\n)`, PARAMETERS, { filename, lineOffset: -1 }) as Factory
}

/**
 * Compiled as a CommonJS module of the user's file, so that `import()` in it resolves as it does in that file.
 *
 * The public way, vm's `USE_MAIN_CONTEXT_DEFAULT_LOADER`, resolves alike but prints an ExperimentalWarning into the user's
 * stderr; `_compile`, through which every `require` hook works, does not. The other stays for a Node without it.
 */
function compileImporting({ source, file = '', line = 1, column = 1, sloppy }: InlineDescription): Factory {
  const prefix = `${strictness(sloppy)}const ${VITE_IMPORT} = (specifier, options) => import(specifier, options);return (`
  // The prefix goes to the line before the function's: then stacks show the user's own lines and columns.
  const body = `${prefix}\n${' '.repeat(Math.max(column - 2, 0))}${source}\n)`
  const above = '\n'.repeat(Math.max(line - 2, 0))
  const module = new Module(file) as Module & { _compile?(code: string, filename: string): void }
  if (typeof module._compile !== 'function') {
    return compileFunction(body, PARAMETERS, {
      filename: file,
      lineOffset: line - 2,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }) as Factory
  }
  module.filename = file
  module.path = dirname(file)
  module._compile(`${above}module.exports = function (${PARAMETERS}) {${body}}`, file)
  return module.exports as Factory
}

function strictness(sloppy: true | undefined): string {
  return sloppy ? '' : "'use strict';"
}
