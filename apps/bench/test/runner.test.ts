import { expect, test } from 'vitest'
import type { Benchmark } from '../src/benchmark.js'

// As built: it starts the built program of a contender, which lies beside it.
const { run } = (await import(new URL('../dist/runner.js', import.meta.url).href)) as typeof import('../src/runner.js')

const contenders = { quick: async () => [1], stuck: async () => [1] }
const about = { title: '', measures: '', unit: 'ns', better: 'lower', ours: 'quick', contenders } as const
const plan = { scale: { samples: 1, work: 0.001 }, rounds: 2, includes: () => true, signal: new AbortController().signal }

test('who fails is told with the reason, and not run again', async () => {
  const benchmark: Benchmark = { ...about, name: 'unheard of' }
  const runs: string[] = []
  const outcome = await run(benchmark, { ...plan, patience: 60_000, onRun: (_, contender) => void runs.push(contender) })
  expect(runs).toEqual(['quick', 'stuck'])
  expect(outcome.results.get('quick')).toEqual({ failure: expect.stringContaining('no benchmark is called "unheard of"') })
})

test('who hangs is ended', async () => {
  const benchmark: Benchmark = { ...about, name: 'lock' }
  const { results } = await run(benchmark, { ...plan, patience: 1 })
  expect(results.get('stuck')).toEqual({ failure: 'no result in 0.001 s' })
})

test('an abort ends the one that runs, and starts no other', async () => {
  const stop = new AbortController()
  const reason = new Error('stopped')
  const runs: string[] = []
  const onRun = (_: Benchmark, contender: string) => {
    runs.push(contender)
    queueMicrotask(() => stop.abort(reason))
  }
  await expect(run({ ...about, name: 'lock' }, { ...plan, patience: 60_000, signal: stop.signal, onRun })).rejects.toBe(reason)
  expect(runs).toEqual(['quick'])
})
