/**
 * A function's source text as an expression that another agent can evaluate.
 */
import { createRequire } from 'node:module'
import type { AnyNode, Options } from 'acorn'
import { findOutside, type Outside } from './free-variables.js'

export interface ParsedFunction {
  /** Evaluates to the function. */
  readonly expression: string
  /** Parses only as sloppy code; everything else is evaluated strictly, as it was in the ES module it mostly comes from. */
  readonly sloppy: boolean
  readonly outside: Outside
  /** Where in the source text V8 says the function begins (`[[FunctionLocation]]`). */
  readonly anchor: number
}

/** Why source text is no expression that can be evaluated elsewhere. */
export class Unparsable {
  constructor(readonly reason: string) {}
}

let acorn: typeof import('acorn') | undefined

/**
 * Loaded by `require` when first needed: only a parent that is given an inline function parses, and loading acorn takes
 * 7 ms, a third of what it takes to start a thread. A static import would load it in every worker; a dynamic one would
 * make a call that has to throw at once asynchronous. Through `createRequire`, because these sources are ES modules (vitest
 * runs them as such) although what is shipped is CommonJS; the build fills in `import.meta.url` there.
 */
function loadAcorn(): typeof import('acorn') {
  acorn ??= createRequire(import.meta.url)('acorn') as typeof import('acorn')
  return acorn
}

/** Parses what `Function.prototype.toString` gives for an arrow, a function expression or declaration, or a method. */
export function parseFunction(source: string, name: string): ParsedFunction | Unparsable {
  const whole = tryParse('(', source, ')')
  if (!(whole instanceof Unparsable)) {
    const { node, sloppy, offset } = whole
    if (node.type === 'FunctionExpression') {
      if (node.generator) return new Unparsable('generator')
      const anchor = source.indexOf('(', node.id ? node.id.end - offset : 0)
      return { expression: `(${source})`, sloppy, outside: outsideOf(node, offset, sloppy), anchor }
    }
    if (node.type === 'ArrowFunctionExpression') {
      return { expression: `(${source})`, sloppy, outside: outsideOf(node, offset, sloppy), anchor: 0 }
    }
    return new Unparsable(node.type === 'ClassExpression' ? 'class' : 'its source is no function')
  }
  const object = tryParse('({', source, '})')
  if (object instanceof Unparsable) return whole
  const { node, sloppy, offset } = object
  const property = node.type === 'ObjectExpression' && node.properties.length === 1 ? node.properties[0] : undefined
  if (property?.type !== 'Property' || property.value.type !== 'FunctionExpression') return whole
  if (property.kind !== 'init') return new Unparsable(`a ${property.kind}ter`)
  const fn = property.value
  if (fn.generator) return new Unparsable('generator')
  // The name is written anew: a computed key is an expression of the place where the object was made.
  const anchor = fn.start - offset
  const key = JSON.stringify(name)
  const expression = `({${fn.async ? 'async ' : ''}${key}${source.slice(anchor)}})[${key}]`
  return { expression, sloppy, outside: outsideOf(fn, offset, sloppy), anchor }
}

interface Parsed {
  readonly node: AnyNode
  readonly sloppy: boolean
  /** From an index into the parsed text to one into the source text. */
  readonly offset: number
}

function tryParse(before: string, source: string, after: string): Parsed | Unparsable {
  const { parse } = loadAcorn()
  // What only makes sense in an enclosing method or module is let through here and reported, by name, later.
  const options: Options = {
    ecmaVersion: 'latest',
    allowImportExportEverywhere: true,
    allowSuperOutsideMethod: true,
    checkPrivateFields: false,
  }
  let reason = ''
  for (const directive of ["'use strict';", '']) {
    // In a function, so that an arrow's `new.target` parses.
    const head = `(function(){${directive}return ${before}`
    try {
      const program = parse(`${head}${source}\n${after}})`, options)
      const node = returnedNode(program as AnyNode)
      if (node) return { node, sloppy: directive === '', offset: head.length }
      return new Unparsable('its source is more than one function')
    } catch (error) {
      reason ||= (error as Error).message.replace(/ \(\d+:\d+\)$/, '')
    }
  }
  return new Unparsable(reason)
}

function returnedNode(program: AnyNode): AnyNode | undefined {
  if (program.type !== 'Program' || program.body.length !== 1) return undefined
  const [statement] = program.body
  if (statement?.type !== 'ExpressionStatement' || statement.expression.type !== 'FunctionExpression') return undefined
  const last = statement.expression.body.body.at(-1)
  return last?.type === 'ReturnStatement' ? (last.argument ?? undefined) : undefined
}

function outsideOf(node: AnyNode, offset: number, sloppy: boolean): Outside {
  const { variables, syntax, importsModules } = findOutside(node, sloppy)
  return {
    variables: variables.map((variable) => ({ ...variable, start: variable.start - offset })),
    syntax: syntax.map((item) => ({ ...item, start: item.start - offset })),
    importsModules,
  }
}
