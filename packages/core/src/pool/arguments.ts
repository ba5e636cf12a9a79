import { availableParallelism } from 'node:os'
import { shown } from '../options.js'

/** What the methods of a pool check of their arguments. */

/** @throws TypeError, RangeError */
export function processesOf(processes: unknown): number {
  return processes === undefined ? availableParallelism() : wholeNumber(processes, 'processes', 'of workers')
}

/** Default: four chunks for each worker, as in Python. @throws TypeError, RangeError */
export function chunksizeOf(chunksize: unknown, items: number, processes: number): number {
  if (chunksize === undefined) return Math.max(1, Math.ceil(items / (4 * processes)))
  return wholeNumber(chunksize, 'chunksize', 'of items')
}

/** @throws TypeError, RangeError */
export function wholeNumber(value: unknown, name: string, unit: string): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number ${unit}; got ${shown(value)}`)
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1; got ${shown(value)}`)
  return value
}

/** @throws TypeError */
export function argumentsOf(args: unknown, what: string): readonly unknown[] {
  if (args === undefined) return []
  if (!Array.isArray(args)) throw new TypeError(`${what} must be an array of arguments; got ${shown(args)}`)
  return args
}

/** @throws TypeError */
export function callbackOf<T>(callback: T | undefined, name: string): T | undefined {
  if (callback !== undefined && typeof callback !== 'function') {
    throw new TypeError(`${name} must be a function; got ${shown(callback)}`)
  }
  return callback
}

/** @throws TypeError */
export function assertArrays(items: readonly unknown[]): void {
  items.forEach((item, n) => {
    if (!Array.isArray(item))
      throw new TypeError(`starmap() takes an array of arguments for each call; items[${n}] is ${shown(item)}`)
  })
}

/** @throws TypeError */
export function assertIterable(value: unknown, what: string): asserts value is Iterable<unknown> | AsyncIterable<unknown> {
  if (!isIterable(value) && !isAsyncIterable(value))
    throw new TypeError(`${what} takes an iterable of items; got ${shown(value)}`)
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && value !== undefined && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return value !== null && value !== undefined && typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function'
}
