/**
 * Inline functions: they travel as source text, and so must not use anything of the place where they were written.
 */
import { basename, dirname, join } from 'node:path'
import { TargetError } from '../errors.js'
import { type Capture, findCaptures } from './capture.js'
import { OXC_USING, VITE_IMPORT } from './helpers.js'
import { kindOfFunction } from './kinds.js'
import { type FunctionLocation, locateFunction } from './location.js'
import { type ParsedFunction, parseFunction, Unparsable } from './parse.js'

/** All that another agent needs to evaluate an inline function. */
export interface InlineDescription {
  readonly kind: 'inline'
  /** An expression whose value is the function. */
  readonly source: string
  readonly name: string
  /** Parses only as sloppy code. */
  readonly sloppy?: true
  /** Uses `import()`: `file` is then what relative specifiers and packages are resolved from. */
  readonly imports?: true
  /** An absolute path: the user's file, or a name beside it; `line` and `column`, from 1, are where the function begins in it. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

interface Analysis {
  readonly parsed: ParsedFunction | Unparsable
  readonly captures: readonly Capture[]
  /** Shared by all functions of this source, unless it depends on where the function stands. */
  readonly description: InlineDescription | undefined
}

/** By source text, name first: a closure written in a loop is a new function each time, with the same text. */
const analyses = new Map<string, Analysis>()

/** Programs that generate code must not fill memory; recomputing costs a fraction of a millisecond. */
const MAX_ANALYSES = 2000

/** @throws TargetError where `fn` cannot run anywhere but here; the message says why and what to do */
export function describeInline(fn: (...args: unknown[]) => unknown, what: string): InlineDescription {
  const source = Function.prototype.toString.call(fn)
  const name = typeof fn.name === 'string' ? fn.name : ''
  const key = `${name}\n${source}`
  let analysis = analyses.get(key)
  if (!analysis) {
    analysis = analyse(fn, source, name)
    if (analyses.size >= MAX_ANALYSES) analyses.clear()
    analyses.set(key, analysis)
  }
  if (analysis.description) return analysis.description
  const { parsed, captures } = analysis
  if (parsed instanceof Unparsable) throw new TargetError(`${what} ${title(name)} ${refusal(parsed.reason)}`)
  const location = locateFunction(fn, source, parsed.anchor)
  if (captures.length > 0) throw new TargetError(captureMessage(captures, `${what} ${title(name)}`, source, location))
  return { ...describe(parsed, source, name), ...placeOf(location, name) }
}

function analyse(fn: object, source: string, name: string): Analysis {
  const kind = kindOfFunction(fn)
  // The text of bound and built-in functions is specified to be this (ECMA-262, NativeFunction).
  const isNative = /\{\s*\[native code\]\s*\}\s*$/.test(source)
  const parsed = kind ? new Unparsable(kind) : isNative ? new Unparsable(nativeKind(name)) : parseFunction(source, name)
  if (parsed instanceof Unparsable) return { parsed, captures: [], description: undefined }
  const oxc = OXC_USING.exec(source)?.[1]
  const variables = parsed.outside.variables.filter((variable) => variable.name !== oxc)
  const captures = findCaptures({ ...parsed.outside, variables }, name)
  const isShared = captures.length === 0 && !importsModules(parsed)
  return { parsed, captures, description: isShared ? describe(parsed, source, name) : undefined }
}

function describe(parsed: ParsedFunction, source: string, name: string): InlineDescription {
  const oxc = OXC_USING.exec(source)?.[1]
  return {
    kind: 'inline',
    source: oxc ? `((${oxc}) => ${parsed.expression})({ default: __usingCtx })` : parsed.expression,
    name,
    ...(parsed.sloppy ? { sloppy: true as const } : undefined),
    ...(importsModules(parsed) ? { imports: true as const } : undefined),
  }
}

function importsModules({ outside }: ParsedFunction): boolean {
  return outside.importsModules || outside.variables.some(({ name }) => name === VITE_IMPORT)
}

/** Where its file is not known, modules are found as they are by `node --eval`: from the working directory. */
function placeOf(location: FunctionLocation | undefined, name: string): Pick<InlineDescription, 'file' | 'line' | 'column'> {
  if (!location) return { file: join(process.cwd(), `inline:${name || 'anonymous'}`) }
  const { file, compiled, line, column } = location
  // These lines are the user's already: under the file's own name, its source map would be applied to them again.
  return { file: compiled ? join(dirname(file), `inline:${basename(file)}`) : file, line, column }
}

function title(name: string): string {
  return name ? JSON.stringify(name) : '(an anonymous function)'
}

function nativeKind(name: string): string {
  return name.startsWith('bound ') ? 'bound' : 'native'
}

function refusal(reason: string): string {
  switch (reason) {
    case 'generator':
      return 'is a generator function: a target must be a plain or an async function, since generators cannot travel'
    case 'class':
      return 'is a class: a target must be a plain or an async function; write (...args) => { … new It(...args) … }'
    case 'bound':
      return (
        'is a bound function, whose source and bound values cannot be read: pass the function itself, and what was bound to it ' +
        'as arguments'
      )
    case 'native':
      return 'is a native function, which has no source to send: wrap it, as in (x) => Math.sqrt(x)'
    default:
      return (
        `cannot be sent as source text (${reason}): define it with task(import.meta, function name(…) { … }) at the top level of ` +
        'its module'
      )
  }
}

function captureMessage(
  captures: readonly Capture[],
  subject: string,
  source: string,
  location: FunctionLocation | undefined,
): string {
  const lines = captures.map(({ start }) => location?.at(start).line ?? source.slice(0, start).split('\n').length)
  const uses = captures.map(({ what }, i) => `${what} (line ${lines[i]})`)
  const where = location ? ` at ${location.file}:${lines[0]}` : ', lines counted within the function'
  const advice = [...new Set(captures.map((capture) => capture.advice))].slice(0, 3)
  return (
    `${subject} uses ${uses.join(', ')}${where}. Only its source travels to the worker, so it cannot use anything from ` +
    `around it: ${advice.join('; ')}, or define it with task(import.meta, function name(…) { … }) at the top level of its module`
  )
}
