import { inspect } from 'node:util'
import type { ForkOptions } from './launcher.js'

const DESTINATIONS = ['inherit', 'pipe', 'ignore']

/** @throws TypeError, RangeError for options that cannot be; what a directory or a flag of Node's is good for shows when a process starts */
export function assertOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(`the options of fork() must be an object; got ${shown(options)}`)
  const { execArgv, cwd, stdio } = options as Record<keyof ForkOptions, unknown>
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string')))
    throw new TypeError(`execArgv must be an array of Node's flags, each a string; got ${shown(execArgv)}`)
  if (cwd !== undefined && typeof cwd !== 'string')
    throw new TypeError(`cwd must be a string, the path of a directory; got ${shown(cwd)}`)
  if (cwd === '' || cwd?.includes('\0')) throw new RangeError(`cwd must be the path of a directory; got ${shown(cwd)}`)
  if (stdio === undefined) return
  if (typeof stdio !== 'string') throw new TypeError(`stdio must be one of ${named}; got ${shown(stdio)}`)
  if (!DESTINATIONS.includes(stdio)) throw new RangeError(`stdio must be one of ${named}; got ${shown(stdio)}`)
}

const named = DESTINATIONS.map((one) => `'${one}'`).join(', ')

export function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 })
}
