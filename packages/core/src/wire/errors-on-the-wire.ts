/**
 * Errors as data. Behind the tag, whose argument is the built-in class (its place in {@link BUILT_IN}) and {@link OWN_NAME}:
 *
 * - string: the registered class, or ''
 * - string: the name
 * - value: the message, or Absent
 * - value: the stack, or Absent
 * - the properties, or -1 where they stand behind the root (`tags.ts`, Depth). w: count; count × (string: key; w: 1 if enumerable; value)
 */
import { registeredClass, registeredName } from './error-classes.js'
import { Step } from './path.js'
import type { Reader } from './reader.js'
import { isExhaustion, textOf } from './refusal.js'
import { INLINE_DEPTH, Tag } from './tags.js'
import type { Content, Writer } from './writer.js'

const BUILT_IN = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'DOMException',
  // ES2026; an engine without it makes an Error of that name.
  'SuppressedError',
]
const AGGREGATE = BUILT_IN.indexOf('AggregateError')
const DOM = BUILT_IN.indexOf('DOMException')
const OWN_NAME = 16

/** Properties that travel though they are not enumerable; message, stack and a name that is not either have places of their own. */
const HIDDEN = new Set(['cause', 'errors', 'code', 'error', 'suppressed'])
/** Classes of Node's whose name says nothing: their errors go by the built-in one. */
const NAMELESS = new Set(['NodeError', 'SystemError', 'HideStackFramesError'])

export function writeError(writer: Writer, error: Error): void {
  const base = builtInOf(error)
  const registered = registeredName(error)
  const ownName = Object.hasOwn(error, 'name')
  writer.word((base << 8) | (ownName ? OWN_NAME << 8 : 0) | Tag.Error)
  writer.string(registered)
  writer.string(nameOf(error, base))
  writeText(
    writer,
    attempt(() => error.message),
    Object.hasOwn(error, 'message'),
  )
  writeText(
    writer,
    attempt(() => error.stack),
    true,
  )
  if (writer.path.depth < INLINE_DEPTH) return writeProperties(writer, error)
  writer.word(-1)
  writer.postpone(error, writeProperties)
}

export function readError(reader: Reader, argument: number): Error {
  const number = reader.reserve()
  const base = argument & (OWN_NAME - 1)
  const className = reader.value() as string
  const name = reader.value() as string
  const message = reader.optional() as string | undefined
  const stack = reader.optional() as string | undefined
  const Class = registeredClass(className)
  const error = withoutStack(() => construct(base, Class, message, name))
  reader.fill(number, error)
  if (stack !== undefined) define(error, 'stack', stack, false)
  if ((argument & OWN_NAME) !== 0 || (Class === undefined && base !== DOM && error.name !== name))
    define(error, 'name', name, false)
  if (reader.peek() === -1) {
    reader.word()
    reader.postpone(() => readProperties(reader, error))
  } else readProperties(reader, error)
  return error
}

const writeProperties: Content<Error> = (writer, error) => {
  const entries = Object.entries(Object.getOwnPropertyDescriptors(error)).filter(
    ([key, { enumerable }]) => key !== 'stack' && key !== 'message' && (enumerable || HIDDEN.has(key)),
  )
  writer.word(entries.length)
  const level = writer.path.open(Step.Property)
  for (const [key, { enumerable }] of entries) {
    writer.string(key)
    writer.word(enumerable ? 1 : 0)
    writer.path.keys[level] = key
    writeOrText(writer, error, key)
  }
  writer.path.close()
}

/** An error matters more than what somebody hung on it: a property that cannot travel is sent as text. */
function writeOrText(writer: Writer, error: Error, key: string): void {
  const mark = writer.mark()
  let value: unknown
  try {
    value = (error as unknown as Record<string, unknown>)[key]
    writer.value(value)
  } catch (failure) {
    if (isExhaustion(failure)) throw failure
    writer.rewindTo(mark)
    writer.string(textOf(value === undefined ? failure : value))
  }
}

function readProperties(reader: Reader, error: Error): void {
  for (let count = reader.word(); count > 0; count--) {
    const key = reader.value() as string
    const enumerable = reader.word() === 1
    define(error, key, reader.value(), enumerable)
  }
}

/** Makes a true error (one with a stack, known to `util.types.isNativeError`) of the class, without running the class's own constructor. */
function construct(base: number, Class: unknown, message: string | undefined, name: string): Error {
  if (base === DOM) return Reflect.construct(DOMException, [message, name], (Class ?? DOMException) as typeof DOMException)
  const BuiltIn = (globalThis as unknown as Record<string, ErrorConstructor | undefined>)[BUILT_IN[base] as string] ?? Error
  const parameters: unknown[] = base === AGGREGATE ? [[]] : []
  if (message !== undefined && BuiltIn.name !== 'SuppressedError') parameters.push(message)
  const error: Error = Reflect.construct(BuiltIn, parameters, (Class ?? BuiltIn) as ErrorConstructor)
  if (message !== undefined && !Object.hasOwn(error, 'message')) define(error, 'message', message, false)
  return error
}

/** The stack of the place where an error is rebuilt helps nobody, and taking it is most of the cost. */
function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return make()
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit)
  }
}

/** The place in BUILT_IN of the nearest built-in class; by name, as each realm has its own. */
function builtInOf(error: object): number {
  for (let link: object | null = Object.getPrototypeOf(error); link !== null; link = Object.getPrototypeOf(link)) {
    const maker: unknown = Object.getOwnPropertyDescriptor(link, 'constructor')?.value
    if (typeof maker !== 'function' || maker.prototype !== link) continue
    const place = BUILT_IN.indexOf(maker.name)
    if (place >= 0 && isBuiltIn(maker)) return place
  }
  return 0
}

function isBuiltIn(maker: object): boolean {
  return maker === DOMException || /\[native code\]\s*\}$/.test(Function.prototype.toString.call(maker))
}

/** The name that was given, and where none was, that of the class. */
function nameOf(error: Error, base: number): string {
  const given = attempt(() => error.name)
  const builtIn = BUILT_IN[base] as string
  if (typeof given === 'string' && given !== builtIn && given !== '') return given
  if (Object.hasOwn(error, 'name')) return typeof given === 'string' ? given : builtIn
  const Class: unknown = attempt(() => error.constructor)
  return typeof Class === 'function' && typeof Class.name === 'string' && Class.name !== '' && !NAMELESS.has(Class.name)
    ? Class.name
    : builtIn
}

function writeText(writer: Writer, text: unknown, own: boolean): void {
  if (typeof text === 'string' && (own || text !== '')) writer.string(text)
  else if (text === undefined || text === '') writer.word(Tag.Absent)
  else writer.string(textOf(text))
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (failure) {
    return textOf(failure)
  }
}

function define(object: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true })
}
