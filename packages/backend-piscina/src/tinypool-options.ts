import { shown } from '@multiproc/core'
import type { TinypoolOptions } from './tinypool.js'

type Check = readonly [wanted: string, isRight: (value: unknown) => boolean]

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)
const isText = (value: unknown) => value === null || typeof value === 'string'
const POSITIVE: Check = ['a number above 0', (value) => isNumber(value) && value > 0]
const NOT_NEGATIVE: Check = ['a number of at least 0', (value) => isNumber(value) && value >= 0]

/** Of those that Piscina checks, and Tinypool does not; below 1, threads are a share of the CPUs to both. */
const CHECKS: Partial<Record<keyof TinypoolOptions, Check>> = {
  filename: ['a string or null', isText],
  name: ['a string', (value) => typeof value === 'string'],
  minThreads: NOT_NEGATIVE,
  maxThreads: POSITIVE,
  idleTimeout: NOT_NEGATIVE,
  maxQueue: ["a number of at least 0, or 'auto'", (value) => value === 'auto' || NOT_NEGATIVE[1](value)],
  concurrentTasksPerWorker: ['a whole number of at least 1', (value) => Number.isInteger(value) && (value as number) >= 1],
  resourceLimits: ['an object', (value) => typeof value === 'object' && value !== null],
}

/** @throws TypeError for the first that Tinypool could do nothing with */
export function checkTinypoolOptions(options: TinypoolOptions): void {
  for (const [name, [wanted, isRight]] of Object.entries(CHECKS)) {
    const value = options[name as keyof TinypoolOptions]
    if (value !== undefined && !isRight(value)) throw new TypeError(`options.${name} must be ${wanted}; got ${shown(value)}`)
  }
}
