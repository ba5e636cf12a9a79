/**
 * What was thrown elsewhere, brought here: anything that can be thrown can be sent, and a stack tells of both sides.
 */
import { fileURLToPath } from 'node:url'
import type { Decoder } from './decoder.js'
import type { Encoder } from './encoder.js'
import { textOf } from './refusal.js'

export { registerError } from './error-classes.js'

/**
 * Encodes whatever was thrown; `encoder` then holds the message as after `encode`. What cannot travel is replaced by {@link substitute}. Throws only when memory is
 * out.
 */
export function encodeThrown(encoder: Encoder, thrown: unknown, path = 'error'): void {
  try {
    encoder.encode(thrown, path)
  } catch {
    encoder.encode(substitute(thrown), path)
  }
}

/** What {@link encodeThrown} sent. */
export function decodeThrown(decoder: Decoder, source: Uint8Array, offset: number, size: number): unknown {
  return decoder.decode(source, offset, size)
}

/**
 * `thrown`, or what is to be sent in its place where it cannot travel: for messages that hold what was thrown among other things.
 * The encoder's last message is lost.
 */
export function sendable(encoder: Encoder, thrown: unknown): unknown {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function' && typeof thrown !== 'symbol') || thrown === null) return thrown
  try {
    encoder.encode(thrown, 'error')
    return thrown
  } catch {
    return substitute(thrown)
  }
}

/** A symbol or function as its text, an error as one without properties, any other object as an Error that shows it. Always travels. */
function substitute(thrown: unknown): unknown {
  if (typeof thrown === 'symbol') return String(thrown)
  if (typeof thrown === 'function') return textOf(thrown)
  if (!isError(thrown)) return new Error(`${textOf(thrown)} was thrown, which cannot travel as it is; this is its text.`)
  const error = new Error(textAt(thrown, 'message'))
  for (const key of ['name', 'stack'] as const)
    Object.defineProperty(error, key, { value: textAt(thrown, key), writable: true, configurable: true })
  return error
}

function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error
  } catch {
    return false
  }
}

function textAt(error: Error, key: 'name' | 'message' | 'stack'): string {
  try {
    return textOf(error[key])
  } catch (failure) {
    return textOf(failure)
  }
}

/** Where a call came from; made before the call leaves. The text is made only when it is asked for. */
export interface CallSite {
  readonly stack?: string
}

/** The stack of the caller of `below`. */
export function callSite(below: (...args: never[]) => unknown): CallSite {
  const site = {}
  Error.captureStackTrace(site, below)
  return site
}

/**
 * Puts the local stack above the remote one, so that `error.stack` reads like one call through both agents. Whatever is not an error, or
 * does not let its stack be written, stays as it is.
 *
 * @param where Where it was thrown, e.g. 'in worker 3 (pid 4711)'.
 * @returns `thrown`
 */
export function withLocalStack<T>(thrown: T, site: CallSite, where: string): T {
  if (!isError(thrown)) return thrown
  const remote = textAt(thrown, 'stack')
  const local = framesOf(site.stack)
  if (local === '') return thrown
  const first = remote.search(/\n\s+at /)
  const header = first < 0 ? remote : remote.slice(0, first)
  Reflect.defineProperty(thrown, 'stack', {
    value: `${header}\n${local}\n    --- thrown ${where}: ---${first < 0 ? '' : withoutOwn(remote.slice(first))}`,
    writable: true,
    enumerable: false,
    configurable: true,
  })
  return thrown
}

/** This package's own file, once built: its frames say nothing to a reader. */
const OWN_FILE = fileURLToPath(import.meta.url)

function withoutOwn(frames: string): string {
  const lines = frames.split('\n')
  const others = lines.filter((line) => !line.includes(OWN_FILE))
  return others.some((line) => /^\s+at /.test(line)) ? others.join('\n') : frames
}

function framesOf(stack: string | undefined): string {
  const first = stack?.search(/^\s+at /m) ?? -1
  return first < 0 ? '' : withoutOwn((stack as string).slice(first).trimEnd())
}
