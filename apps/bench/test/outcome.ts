import type { Benchmark, Outcome, Result } from '../src/benchmark.js'

/** What a benchmark might give: by contender its rounds, or why there are none. */
export function outcome(about: Partial<Benchmark>, results: Readonly<Record<string, readonly number[] | string>>): Outcome {
  const benchmark: Benchmark = {
    name: 'test',
    title: 'A test',
    measures: 'Nothing.',
    unit: 'ns',
    better: 'lower',
    ours: 'ours',
    contenders: {},
    ...about,
  }
  const resultOf = (value: readonly number[] | string): Result =>
    typeof value === 'string' ? { failure: value } : { rounds: value }
  return { benchmark, results: new Map(Object.entries(results).map(([name, value]) => [name, resultOf(value)])) }
}
