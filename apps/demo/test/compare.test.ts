import { threads } from '@multiproc/backend-threads'
import { type Context, createContext } from '@multiproc/core'
import { expect, test } from 'vitest'
import { compare } from '../src/compare.js'
import { nobody } from '../src/dashboard.js'
import type { Job, Outcome } from '../src/job.js'

const setting = { files: [], workers: 1 }

function job(serially: () => Outcome, on: () => Outcome, more?: Partial<Job>): Job {
  return { name: 'job', title: '', about: '', unit: 'items', serially: async () => serially(), on: async () => on(), ...more }
}

async function judged(...jobs: Job[]) {
  const context: Context = createContext(threads())
  const runs = await compare(jobs, [context], setting, '', nobody)
  return runs.map(({ ok, summary }) => ({ ok, summary }))
}

const gives = (result: unknown) => () => ({ result, items: 1, summary: `${result}` })
const fails = () => {
  throw new RangeError('out of luck')
}

test('what equals the serial result is right, and what does not is told', async () => {
  const runs = await judged(job(gives([1]), gives([1])), job(gives([1]), gives([2])))
  expect(runs).toEqual([
    { ok: true, summary: '1' },
    { ok: true, summary: '1' },
    { ok: true, summary: '1' },
    { ok: false, summary: 'not what the serial run gave: 2' },
  ])
})

test('a job may say itself what is right', async () => {
  const holds = ({ result }: Outcome) => result === 2
  const runs = await judged(job(gives(1), gives(2), { holds }), job(gives(1), gives(1), { holds }))
  expect(runs.map(({ ok }) => ok)).toEqual([true, true, true, false])
})

test('a failure is told, and what comes after it goes on', async () => {
  const runs = await judged(job(gives(1), fails), job(gives(3), gives(3)))
  expect(runs[1]).toEqual({ ok: false, summary: 'failed: RangeError: out of luck' })
  expect(runs[3]).toEqual({ ok: true, summary: '3' })
})

test('nothing is right where the serial run failed', async () => {
  expect((await judged(job(fails, gives(1)))).map(({ ok }) => ok)).toEqual([false, false])
})
