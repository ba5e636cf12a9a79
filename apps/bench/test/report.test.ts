import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { asMarkdown } from '../src/markdown.js'
import { allMet, asJson, asTables, rowsOf } from '../src/report.js'
import { atMostTimes } from '../src/targets.js'
import { outcome } from './outcome.js'

const results = { slow: [30, 31, 29], ours: [10, 12, 8], broken: 'no result in 60 s', bare: [5, 6, 4] }

test('rows are sorted, the best first and failures last, with ratios to ours', () => {
  expect(rowsOf(outcome({}, results))).toEqual([
    { contender: 'bare', median: '5.00 ns', spread: '4.00 ns … 6.00 ns', ratio: '0.50' },
    { contender: 'ours', median: '10.0 ns', spread: '8.00 ns … 12.0 ns', ratio: '1.00' },
    { contender: 'slow', median: '30.0 ns', spread: '29.0 ns … 31.0 ns', ratio: '3.00' },
    { contender: 'broken', median: '– (no result in 60 s)', spread: '', ratio: '' },
  ])
})

test('where more is better, the highest comes first and failures still last', () => {
  const names = rowsOf(outcome({ better: 'higher', unit: '/s' }, results)).map(({ contender }) => contender)
  expect(names).toEqual(['slow', 'ours', 'bare', 'broken'])
})

test('without ours there are no ratios', () => {
  expect(rowsOf(outcome({}, { bare: [5] }))[0]?.ratio).toBe('')
})

test('a missed target shows and counts; one that could not be judged does not', () => {
  const missed = outcome({ targets: [atMostTimes('ours', 1.5, 'bare')] }, results)
  expect(asTables(missed)).toContain('✘ ours ≤ 1.5 × bare: 2.00 ×')
  expect(allMet([missed])).toBe(false)
  const unknown = outcome({ targets: [atMostTimes('ours', 1.5, 'absent')] }, results)
  expect(asTables(unknown)).toContain('– ours ≤ 1.5 × absent: not measured')
  expect(allMet([unknown])).toBe(true)
})

test('JSON holds every round', () => {
  const [only] = JSON.parse(asJson([outcome({}, results)], 3)).benchmarks
  expect(only).toMatchObject({
    name: 'test',
    results: { ours: { rounds: [10, 12, 8] }, broken: { failure: 'no result in 60 s' } },
  })
})

test('the Markdown says on what it was measured, and not where', () => {
  const text = asMarkdown([outcome({ targets: [atMostTimes('ours', 2.5, 'bare')] }, results)], {
    rounds: 3,
    cores: 2,
    quick: false,
  })
  expect(text).toContain(`Node ${process.versions.node}`)
  expect(text).toContain('2 cores')
  expect(text).toMatch(/piscina \d+\.\d+\.\d+/)
  expect(text).toContain('| **ours** | 10.0 ns | 8.00 ns … 12.0 ns | 1.00 |')
  expect(text).toContain('- ✔ ours ≤ 2.5 × bare: 2.00 ×')
  for (const secret of [hostname(), process.cwd()]) expect(text).not.toContain(secret)
})
