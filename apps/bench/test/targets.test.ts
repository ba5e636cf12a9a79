import { expect, test } from 'vitest'
import type { Target } from '../src/benchmark.js'
import { atLeast, atLeastTimes, atMostMore, atMostTimes, moreThanEach, withinOfBest } from '../src/targets.js'
import { outcome } from './outcome.js'

const isPeer = (name: string) => name.startsWith('peer')

const cases: [what: string, target: Target, results: Record<string, readonly number[] | string>, met: boolean | undefined][] = [
  ['at most 2.5 times: just', atMostTimes('ours', 2.5, 'bare'), { ours: [50, 25], bare: [20, 10] }, true],
  ['at most 2.5 times: not', atMostTimes('ours', 2.5, 'bare'), { ours: [51, 26], bare: [20, 10] }, false],
  ['at least 2 times: just', atLeastTimes('ours', 2, 'bare'), { ours: [20], bare: [10] }, true],
  ['at least 2 times: not', atLeastTimes('ours', 2, 'bare'), { ours: [19], bare: [10] }, false],
  ['at most so much more: just', atMostMore('ours', 10, 'bare'), { ours: [50, 25, 20], bare: [20, 15, 15] }, true],
  ['at most so much more: not', atMostMore('ours', 10, 'bare'), { ours: [50, 26, 20], bare: [20, 15, 15] }, false],
  ['at least: by the median', atLeast('ours', 100), { ours: [1, 100, 200] }, true],
  ['at least: not', atLeast('ours', 100), { ours: [1, 99, 200] }, false],
  ['more than each', moreThanEach('ours', isPeer), { ours: [12], 'peer a': [10], 'peer b': [11], other: [99] }, true],
  ['more than each: not by being equal', moreThanEach('ours', isPeer), { ours: [11], 'peer a': [11] }, false],
  ['close enough to the best', withinOfBest('ours', 0.02, isPeer), { ours: [0.95], 'peer a': [0.96], 'peer b': [0.5] }, true],
  ['too far from the best', withinOfBest('ours', 0.02, isPeer), { ours: [0.9], 'peer a': [0.96], 'peer b': [0.5] }, false],
  ['a peer that failed is no rival', moreThanEach('ours', isPeer), { ours: [1], 'peer a': 'hangs', 'peer b': [0.5] }, true],
  ['nobody to compare with', moreThanEach('ours', isPeer), { ours: [1], 'peer a': 'hangs' }, undefined],
  ['a reference that did not run', atMostTimes('ours', 2, 'bare'), { ours: [1] }, undefined],
  ['ours failed', atLeast('ours', 1), { ours: 'RangeError: …' }, undefined],
]

test.each(cases)('%s', (_what, target, results, met) => {
  expect(target.judge(outcome({}, results))?.met).toBe(met)
})

test('the best rival is named', () => {
  const verdict = moreThanEach('ours', isPeer).judge(outcome({}, { ours: [20], 'peer a': [8], 'peer b': [10] }))
  expect(verdict).toEqual({ reached: '2.00 × the best, peer b', met: true })
})
