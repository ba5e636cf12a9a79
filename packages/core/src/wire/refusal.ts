import { inspect } from 'node:util'
import { NotCloneableError } from '../errors.js'
import type { Path } from './path.js'

/** The error for a value that cannot travel: where it is, what it is, what to do instead. */
export function refusal(path: Path, what: string, advice: string, options?: ErrorOptions): NotCloneableError {
  const place = path.toString()
  return new NotCloneableError(`${place} is ${what}, which cannot travel to another agent. ${advice}`, place, options)
}

/** What was thrown while `path` was being read. */
export function readFailure(path: Path, cause: unknown): NotCloneableError {
  const place = path.toString()
  const message = `${place} cannot travel to another agent, because reading it threw: ${summary(cause)}. Make its getter work, or leave the property out.`
  return new NotCloneableError(message, place, { cause })
}

/** A handle that its own class would not let go: `cause` says why; it knew no path. */
export function departureFailure(path: Path, cause: NotCloneableError): NotCloneableError {
  const place = path.toString()
  return new NotCloneableError(`${place}: ${cause.message}`, place, { cause })
}

/** V8's word for a full stack: it says nothing about the data. */
export function isExhaustion(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded'
}

/** What to do about a function or symbol, or an instance of the platform class `name`. */
export function adviceFor(name: string): string {
  return ADVICE.get(name) ?? (/Iterator|Generator/.test(name) ? ITERATOR : OTHERWISE)
}

/** `value` as text for a reader, never throwing, whatever traps or getters it has. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return inspect(value)
  } catch {
    return summary(value)
  }
}

function summary(value: unknown): string {
  try {
    return value instanceof Error ? `${value.name}: ${value.message}` : inspect(value, { depth: 0, customInspect: false })
  } catch {
    return `a ${typeof value} that cannot be shown`
  }
}

export function functionName(fn: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value
  return typeof name === 'string' && name !== '' ? `a function (${name})` : 'a function'
}

const ITERATOR = 'Send an array of what it yields.'
const OTHERWISE = 'Send the data it stands for, and rebuild it on the other side.'
const ADVICE = new Map([
  ['function', 'Send data; to have code run elsewhere, make it the target of a Process or Pool task.'],
  ['symbol', 'Send a string in its place.'],
  ['Proxy', 'Send a plain copy of it, such as { ...it }.'],
  ['Promise', 'Await it, and send the result.'],
  ['URL', 'Send its href, and make a new URL of it on the other side.'],
  ['URLSearchParams', 'Send its text, String(it), and parse that on the other side.'],
  ['SharedArrayBuffer', 'Make it an Array or a Value of multiproc: those are shared memory that travels.'],
  ['WeakRef', 'Send what it refers to.'],
  ['Blob', 'Send its bytes, await it.arrayBuffer().'],
  ['File', 'Send its bytes, await it.arrayBuffer(), and its name.'],
  ['MessagePort', 'Use a Pipe or a Queue of multiproc.'],
  ['AbortSignal', 'Use an Event of multiproc.'],
  ['AbortController', 'Use an Event of multiproc.'],
  ['KeyObject', 'Send what its export() gives, and import that on the other side.'],
])
