import { describe, expect, it } from 'vitest'
import { findViolation, type Operation } from '../src/support/linearizability.js'

const put = (item: number, called: number, returned: number, outcome: Operation['outcome'] = 'done'): Operation => ({
  kind: 'put',
  item,
  called,
  returned,
  outcome,
})
const get = (item: number | undefined, called: number, returned: number): Operation => ({
  kind: 'get',
  item,
  called,
  returned,
  outcome: item === undefined ? 'refused' : 'done',
})

describe('findViolation accepts', () => {
  it.each<[string, Operation[][], number]>([
    ['nothing', [[], []], 0],
    [
      'first in, first out',
      [
        [put(1, 0, 1), put(2, 2, 3)],
        [get(1, 4, 5), get(2, 6, 7)],
      ],
      0,
    ],
    ['any order of puts that overlap', [[put(1, 0, 5)], [put(2, 1, 4)], [get(2, 6, 7), get(1, 8, 9)]], 0],
    ['a get that overlaps its put', [[put(1, 0, 5)], [get(undefined, 1, 2), get(1, 3, 4)]], 0],
    ['a put that found it full before a get', [[put(1, 0, 1)], [put(2, 2, 5, 'refused')], [get(1, 3, 4)]], 1],
    ['a put that gave up', [[put(1, 0, 1), put(2, 2, 3, 'gaveUp'), get(1, 4, 5), get(undefined, 6, 7)]], 1],
  ])('%s', (_, history, maxsize) => {
    expect(findViolation(history, maxsize)).toBe(undefined)
  })
})

describe('findViolation refuses', () => {
  it.each<[string, Operation[][], number]>([
    [
      'a reordering',
      [
        [put(1, 0, 1), put(2, 2, 3)],
        [get(2, 4, 5), get(1, 6, 7)],
      ],
      0,
    ],
    [
      'an item that was lost',
      [
        [put(1, 0, 1), put(2, 2, 3)],
        [get(2, 4, 5), get(undefined, 6, 7)],
      ],
      0,
    ],
    ['an item that came twice', [[put(1, 0, 1)], [get(1, 2, 3)], [get(1, 4, 5)]], 0],
    ['an item that nobody put', [[get(1, 0, 1)]], 0],
    ['an empty queue after a completed put', [[put(1, 0, 1)], [get(undefined, 2, 3)]], 0],
    ['more than fits', [[put(1, 0, 1), put(2, 2, 3)]], 1],
    ['a put refused by an empty queue', [[put(1, 0, 1, 'refused')]], 1],
    ['an item of a put that gave up', [[put(1, 0, 1, 'gaveUp'), get(1, 2, 3)]], 0],
  ])('%s', (_, history, maxsize) => {
    expect(findViolation(history, maxsize)).toContain('no legal order')
  })
})
