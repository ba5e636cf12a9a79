import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Process, task } from '@multiproc/backend-threads'
import type { Benchmark } from '../benchmark.js'
import { msOf, sampled } from '../timing.js'
import { entry } from '../workers/entry.js'

export const nothing = task(import.meta, function nothing() {})

export const processStart: Benchmark = {
  name: 'process',
  title: 'Start and join',
  measures: 'ms from the start of a process that does nothing to its end as its parent sees it.',
  unit: 'ms',
  better: 'lower',
  ours: 'Process, start + join',
  contenders: {
    'Process, start + join': (scale) =>
      sampled(scale, () =>
        msOf(async () => {
          if ((await new Process({ target: nothing }).start().join()) !== 0) throw new Error('the process failed')
        }),
      ),
    'bare Worker': (scale) => sampled(scale, () => msOf(() => once(new Worker(entry('work')), 'exit'))),
    'child_process.fork': (scale) => sampled(scale, () => msOf(() => once(fork(entry('work')), 'exit'))),
  },
}
