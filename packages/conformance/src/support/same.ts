import { deepStrictEqual } from 'node:assert'
import { expect } from 'vitest'

/** By `deepStrictEqual`, which tells -0 from 0, a hole from undefined, and one class from another; and by what it does not look at. */
export function expectSame(arrived: unknown, original: unknown, kind: string): void {
  if (original instanceof Date && Number.isNaN(original.getTime())) {
    // Two invalid dates are never equal to deepStrictEqual.
    expect([Object.prototype.toString.call(arrived), Number(arrived)], kind).toEqual(['[object Date]', Number.NaN])
    return
  }
  deepStrictEqual(arrived, original, `${kind} arrived changed`)
  if (Array.isArray(original)) for (const n of original.keys()) expectSame((arrived as unknown[])[n], original[n], kind)
  if (original instanceof Map) deepStrictEqual([...(arrived as Map<unknown, unknown>)], [...original])
  if (original instanceof Set) deepStrictEqual([...(arrived as Set<unknown>)], [...original])
  if (!(original instanceof Error)) return
  const error = arrived as Error
  deepStrictEqual([error.name, error.message, error.cause], [original.name, original.message, original.cause])
  deepStrictEqual({ ...error }, { ...original })
  expect(Object.getPrototypeOf(error), kind).toBe(Object.getPrototypeOf(original))
}
