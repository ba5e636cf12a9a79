import { describe, expect, test } from 'vitest'
import { difference, median, ratio } from '../src/statistics.js'

describe('median', () => {
  test('is the middle one of an odd number of figures, in whatever order', () => {
    expect(median([30, 10, 20])).toBe(20)
  })

  test('is between the middle two of an even number', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5)
  })

  test('leaves its input alone', () => {
    const figures = [3, 1, 2]
    median(figures)
    expect(figures).toEqual([3, 1, 2])
  })

  test('of nothing is an error', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

test('a machine that slows down in one round does not change the ratio', () => {
  expect(ratio([10, 40, 12], [5, 20, 6])).toBe(2)
})

test('rounds that only one side has do not count', () => {
  expect(ratio([10, 10, 999], [5, 5])).toBe(2)
  expect(difference([3], [1, 100])).toBe(2)
})

test('a difference is taken round by round', () => {
  expect(difference([0.9, 0.5, 0.8], [0.8, 0.4, 0.9])).toBeCloseTo(0.1)
})
