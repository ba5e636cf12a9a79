import { describe, expect, test } from 'vitest'
import { compile } from './explorer/compile.js'
import { examine, extentOf, SOAK } from './explorer/examine.js'
import { explore, exploreAtRandom, type Failure, replay } from './explorer/explore.js'
import type { Look, Scenario } from './explorer/scenario.js'
import {
  ASYNC_WAITERS,
  BARRIER,
  type Case,
  CONDITION,
  EVENT,
  LOCK,
  QUEUE,
  RANDOM,
  SEMAPHORE,
  WAITLIST,
} from './explorer/scenarios/catalog.js'
import { event, pulse, waitAsync, waitInTime } from './explorer/scenarios/event.js'
import { acquire, acquireAsync, lock, steal } from './explorer/scenarios/lock.js'
import { get, put, queue } from './explorer/scenarios/queue.js'
import {
  give as givePermits,
  passInTime,
  semaphore,
  take as takePermit,
  takeAsync as takePermitAsync,
} from './explorer/scenarios/semaphore.js'
import { give, take, takeAsync, takeInTime, waitlist } from './explorer/scenarios/waitlist.js'

/** What all this is, and how to read a failure: `explorer/README.md`. */
const PATIENCE = SOAK === 0 ? 300_000 : 24 * 3600_000

describe('the wait/notify protocol', () => explored(WAITLIST))
describe('async waiters', () => explored(ASYNC_WAITERS))
describe('the lock', () => explored(LOCK))
describe('the semaphore', () => explored(SEMAPHORE))
describe('the event', () => explored(EVENT))
describe('the ring of a queue', () => explored(QUEUE))
describe('the waiters of a condition', () => explored(CONDITION))
describe('the parties of a barrier', () => explored(BARRIER))
describe('more agents than can be exhausted', () => explored(RANDOM))

function explored(cases: readonly Case[]): void {
  for (const one of cases) {
    if (one.long && SOAK === 0) continue
    test(`${one.scenario.name} (${extentOf(one)})`, { timeout: PATIENCE }, async () => {
      const { failure, complete } = await examine(one)
      if (failure) throw new Error(told(failure))
      expect(complete).toBe(one.random === undefined)
    })
  }
}

const told = ({ message, seed, trace }: Failure) => `${message}\nseed: ${seed}\n${trace}`

describe('the explorer', () => {
  const lostWakeUp = {
    file: 'sync/waitlist.ts',
    find: 'gate, (gate + 2) | 0) !== gate) continue',
    replace: 'gate, gate & ~ARMED) !== gate) continue',
  }
  const scenario = waitlist('take | take | give ×2', [[take], [take], [give(), give()]])

  test('tells of a failure by a seed that replays, with its shortest schedule', async () => {
    const broken = await compile([lostWakeUp])
    const { failure, complete } = explore(broken, scenario)
    expect(complete).toBe(false)
    expect(failure?.message).toMatch(/waits for ever/)
    expect(failure?.trace.split('\n').at(-1)).toBe(`✗ ${failure?.message}`)
    expect(replay(broken, scenario, failure?.seed as string)).toBe(failure?.trace)
    // The same schedule does no harm to what is not broken.
    expect(replay(await compile(), scenario, failure?.seed as string)).not.toContain('waits for ever')
  })

  test('does so for schedules drawn at random, and draws the same ones again', async () => {
    const broken = await compile([lostWakeUp])
    const [one, other] = [7, 7].map((seed) => exploreAtRandom(broken, scenario, 10_000, seed).failure)
    expect(one?.message).toMatch(/waits for ever/)
    expect(replay(broken, scenario, one?.seed as string)).toBe(one?.trace)
    expect(other).toEqual(one)
  })

  test('says so where it was stopped before it had met everything', async () => {
    const { complete, failure } = explore(await compile(), scenario, { states: 1000 })
    expect([complete, failure]).toEqual([false, undefined])
  })

  test('refuses a mutant whose text is not in the source any more', async () => {
    const edit = { file: 'sync/mutex.ts', find: 'what nobody wrote', replace: '' }
    await expect(compile([edit])).rejects.toThrow('occurs 0 times in sync/mutex.ts, not once: what nobody wrote')
    await expect(compile([{ ...edit, file: 'sync/mutexes.ts' }])).rejects.toThrow(
      'not part of the explored source: sync/mutexes.ts',
    )
  })

  const forgetting: readonly Scenario[] = [
    waitlist('take | take in time | give', [[take], [takeInTime], [give()]], { spurious: 1 }),
    waitlist('async | async that expires | give', [[takeAsync('never')], [takeAsync('expires')], [give()]]),
    lock('2 × 2', [[acquire, acquire], [acquire]]),
    lock('two async, one aborts | sync', [[acquireAsync('never', 'aborts')], [acquire]]),
    lock('two async, one expires | sync', [[acquireAsync('never', 'expires')], [acquire]]),
    lock('2 × 1, one dies', [[steal], [steal]], { deaths: 1, ticks: 1 }),
    semaphore('take | take in time | give 2', [[takePermit], [passInTime], [givePermits(2)]], { spurious: 1 }),
    semaphore('async that expires, async | give', [[takePermitAsync('expires', 'never')], [givePermits()]]),
    event('wait in time | pulse', [[waitInTime], [pulse]], { spurious: 1 }),
    event('two async, one aborts | pulse', [[waitAsync('never', 'aborts')], [pulse]]),
    queue(
      'put ×2 | get ×2, at most 1',
      2,
      [
        [put(0), put(1)],
        [get(), get('in time')],
      ],
      {},
      { maxsize: 1 },
    ),
    queue(
      'async put ×2 | async get',
      2,
      [
        [put(0, 'async'), put(1, 'expires')],
        [get('aborts'), get('async')],
      ],
      {},
      { maxsize: 1 },
    ),
  ]
  for (const one of forgetting) {
    test(`meets the same states of memory whether agents forget or not: ${one.name}`, { timeout: PATIENCE }, async () => {
      const observe = ({ memory, ghost }: Look) => `${memory} ${ghost}`
      const [cut, whole] = [explore(await compile(), one, { observe }), explore(await compile([], false), one, { observe })]
      expect([cut.failure, cut.complete, whole.failure, whole.complete]).toEqual([undefined, true, undefined, true])
      expect(cut.observed.size).toBeGreaterThan(1)
      expect(difference(whole.observed, cut.observed)).toEqual([])
      expect(difference(cut.observed, whole.observed)).toEqual([])
      expect(cut.states).toBeLessThan(whole.states)
    })
  }
})

function difference(all: ReadonlySet<string>, some: ReadonlySet<string>): string[] {
  return [...all].filter((one) => !some.has(one))
}
