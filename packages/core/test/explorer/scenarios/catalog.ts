import type { Edit } from '../compile.js'
import type { Limits } from '../explore.js'
import type { Scenario } from '../scenario.js'
import { abort, arrive, arriveAndAct, arriveInTime, barrier, reset } from './barrier.js'
import { take as await_, takeAsync as awaitAsync, takeInTime as awaitInTime, condition, give as tell } from './condition.js'
import { clear, event, pulse, set, wait, waitAsync, waitInTime } from './event.js'
import {
  acquire,
  acquireAcrossTurns,
  acquireAsync,
  acquireInTime,
  acquireOrLearn,
  lock,
  release,
  releaseIfHeld,
  steal,
  stealInTime,
  tryAcquire,
  trySteal,
} from './lock.js'
import { get, put, queue, shutdown } from './queue.js'
import * as permits from './semaphore.js'
import { give, take, takeAsync, takeAsyncThen, takeByBell, takeByBellInTime, takeInTime, waitlist } from './waitlist.js'

/** A scenario, and how much of it is explored. */
export interface Case {
  readonly scenario: Scenario
  /** Smaller constants, with which what is rare comes about at once. */
  readonly edits?: readonly Edit[]
  readonly limits?: Limits
  /** So many schedules at random, not all. */
  readonly random?: number
  /** Takes more than a few seconds. */
  readonly long?: boolean
}

/** Every release reserves the lock for one who waits; three agents need no more than three bells. */
const IMPATIENT: readonly Edit[] = [
  { file: 'sync/mutex.ts', find: 'const MOST_PASSED_OVER = 256', replace: 'const MOST_PASSED_OVER = 0' },
  { file: 'sync/mutex.ts', find: 'const ALL_BELLS = 32', replace: 'const ALL_BELLS = 3' },
]
const impatient = (scenario: Scenario, rest: Partial<Case> = {}): Case => ({ scenario, edits: IMPATIENT, ...rest })

/** Just below where the gate's counter becomes negative, and where it comes back to 0. */
const NEAR_2_31 = 0x7ffffffc
const NEAR_2_32 = -4
/** As above, for the counters of a ring. */
const PUTS_NEAR_2_31 = 0x7ffffffe
const PUTS_NEAR_2_32 = -2

const [async, expires, aborts] = [takeAsync('never'), takeAsync('expires'), takeAsync('aborts')]
export const WAITLIST: readonly Case[] = [
  {
    scenario: waitlist(
      'take ×2 | give ×2',
      [
        [take, take],
        [give(), give()],
      ],
      { spurious: 2 },
    ),
  },
  {
    scenario: waitlist(
      'take ×2 | give ×2, gate near 2^31',
      [
        [take, take],
        [give(), give()],
      ],
      {},
      NEAR_2_31,
    ),
  },
  {
    scenario: waitlist(
      'take ×2 | give ×2, gate near 2^32',
      [
        [take, take],
        [give(), give()],
      ],
      {},
      NEAR_2_32,
    ),
  },
  { scenario: waitlist('take | take | give to all', [[take], [take], [give(2)]], { spurious: 1 }) },
  { scenario: waitlist('take | take | give ×2', [[take], [take], [give(), give()]], { spurious: 1 }) },
  { scenario: waitlist('take | give | give', [[take], [give()], [give()]], { spurious: 1 }) },
  { scenario: waitlist('take | take in time | give', [[take], [takeInTime], [give()]], { spurious: 1 }) },
  { scenario: waitlist('take in time | take in time | give', [[takeInTime], [takeInTime], [give()]], { spurious: 1 }) },
  { scenario: waitlist('take | give, one dies', [[take], [give()]], { deaths: 1 }) },
  { scenario: waitlist('take | take | give, one dies', [[take], [take], [give()]], { deaths: 1 }) },
  {
    scenario: waitlist('take, give | take | give, the last dies', [[take, give()], [take], [give()]], { deaths: 1, mortal: [2] }),
  },
  { scenario: waitlist('take | take | give ×2, one dies', [[take], [take], [give(), give()]], { deaths: 1 }) },
  { scenario: waitlist('take | give | give, one dies', [[take], [give()], [give()]], { deaths: 1 }) },
]

export const ASYNC_WAITERS: readonly Case[] = [
  { scenario: waitlist('async | give', [[async], [give()]]) },
  { scenario: waitlist('async | async | give ×2', [[async], [async], [give(), give()]]) },
  { scenario: waitlist('async | take | give ×2', [[async], [take], [give(), give()]], { spurious: 1 }) },
  { scenario: waitlist('async that expires | take | give', [[expires], [take], [give()]]) },
  { scenario: waitlist('async that aborts | take | give', [[aborts], [take], [give()]]) },
  { scenario: waitlist('async that expires | async that aborts | give', [[expires], [aborts], [give()]]) },
  { scenario: waitlist('async | take | give, one dies', [[async], [take], [give()]], { deaths: 1 }) },
  { scenario: waitlist('by bell | give', [[takeByBell], [give()]], { spurious: 1 }) },
  {
    scenario: waitlist(
      'by bell ×2 | give ×2',
      [
        [takeByBell, takeByBell],
        [give(), give()],
      ],
      { spurious: 1 },
    ),
  },
  { scenario: waitlist('by bell | take | give ×2', [[takeByBell], [take], [give(), give()]], { spurious: 1 }) },
  { scenario: waitlist('by bell | give | give', [[takeByBell], [give()], [give()]]) },
  { scenario: waitlist('by bell in time | take | give', [[takeByBellInTime], [take], [give()]]) },
  { scenario: waitlist('by bell | give, one dies', [[takeByBell], [give()]], { deaths: 1 }) },
  { scenario: waitlist('by bell | take | give, one dies', [[takeByBell], [take], [give()]], { deaths: 1 }) },
  { scenario: waitlist('async, then by bell | give ×2', [[takeAsyncThen(takeByBell)], [give(), give()]]) },
  { scenario: waitlist('async, then by bell | give | give', [[takeAsyncThen(takeByBell)], [give()], [give()]]) },
  { scenario: waitlist('async, then by bell in time | give', [[takeAsyncThen(takeByBellInTime)], [give()]]) },
  {
    scenario: waitlist('async, then by bell in time | give, that dies', [[takeAsyncThen(takeByBellInTime)], [give()]], {
      deaths: 1,
      mortal: [1],
    }),
  },
  {
    scenario: waitlist('async, then by bell | give to all, that dies', [[takeAsyncThen(takeByBell)], [give(2)]], {
      deaths: 1,
      mortal: [1],
    }),
  },
  { scenario: lock('async | async', [[acquireAsync('never')], [acquireAsync('never')]]) },
  { scenario: lock('two async, the second aborts | sync', [[acquireAsync('never', 'aborts')], [acquire]]) },
  { scenario: lock('two async, the second expires | sync', [[acquireAsync('never', 'expires')], [acquire]]) },
  { scenario: lock('two async, the first aborts | sync', [[acquireAsync('aborts', 'never')], [acquire]]) },
  {
    scenario: lock(
      'async | one in time, behind the same bell | held',
      [[release], [acquireAsync('never')], [acquireInTime]],
      {},
      { held: true, apart: 32 },
    ),
    limits: { preemptions: 2 },
  },
  { scenario: lock('async | async | sync', [[acquireAsync('never')], [acquireAsync('never')], [acquire]]) },
  { scenario: lock('async that aborts | sync | sync', [[acquireAsync('aborts')], [acquire], [acquire]]), long: true },
  { scenario: lock('async | sync, one dies', [[acquireAsync('never')], [steal]], { deaths: 1, ticks: 1 }) },
  {
    scenario: lock('async across turns | sync | sync', [[acquireAcrossTurns], [acquire], [acquire]]),
    limits: { preemptions: 3 },
  },
  impatient(lock('impatient: two async, the second aborts | sync ×2', [[acquireAsync('never', 'aborts')], [acquire, acquire]])),
  impatient(
    lock('impatient: two async, the second expires | sync ×2', [[acquireAsync('never', 'expires')], [acquire, acquire]]),
    {
      limits: { preemptions: 3 },
    },
  ),
]

export const LOCK: readonly Case[] = [
  {
    scenario: lock(
      '2 × 2',
      [
        [acquire, acquire],
        [acquire, acquire],
      ],
      { spurious: 1 },
    ),
  },
  {
    scenario: lock(
      '2 × 2, gate near 2^31',
      [
        [acquire, acquire],
        [acquire, acquire],
      ],
      { spurious: 1 },
      { gate: NEAR_2_31 },
    ),
  },
  {
    scenario: lock(
      '2 × 2, gate near 2^32',
      [
        [acquire, acquire],
        [acquire, acquire],
      ],
      { spurious: 1 },
      { gate: NEAR_2_32 },
    ),
  },
  {
    scenario: lock(
      '2 × 2, try, in time',
      [
        [acquire, tryAcquire],
        [acquireInTime, acquire],
      ],
      { spurious: 1 },
    ),
  },
  {
    scenario: lock(
      '2 × 2, one dies',
      [
        [steal, steal],
        [steal, steal],
      ],
      { deaths: 1, ticks: 1 },
    ),
  },
  {
    scenario: lock(
      '2 × 2, in time, one dies',
      [
        [stealInTime, steal],
        [steal, stealInTime],
      ],
      { deaths: 1, ticks: 1, spurious: 1 },
    ),
    long: true,
  },
  { scenario: lock('3 × 1', [[acquire], [acquire], [acquire]]) },
  { scenario: lock('3 × 1, one in time', [[acquire], [acquireInTime], [acquire]]) },
  { scenario: lock('3 × 1, one tries', [[acquire], [acquire], [tryAcquire]]) },
  { scenario: lock('3 × 1, one dies', [[steal], [steal], [steal]], { deaths: 1, mortal: [0], ticks: 1 }) },
  {
    scenario: lock('3 × 1, one dies, one would rather know', [[steal], [acquireOrLearn], [trySteal]], {
      deaths: 1,
      mortal: [0],
      ticks: 1,
    }),
    long: true,
  },
  { scenario: lock('released twice', [[releaseIfHeld], [releaseIfHeld], [releaseIfHeld]], {}, { held: true }) },
  {
    scenario: lock('3 × 1, one dies, one tries', [[steal], [steal], [trySteal]], { deaths: 1, mortal: [0], ticks: 1 }),
    limits: { preemptions: 3 },
  },
  { scenario: lock('3 × 1, released by another', [[acquire], [release], [acquire]], {}, { held: true }) },
  {
    scenario: lock('3 × 2', [
      [acquire, acquireInTime],
      [acquire, acquire],
      [tryAcquire, acquire],
    ]),
    limits: { preemptions: 2 },
  },
  impatient(
    lock('impatient 2 × 2', [
      [acquire, acquire],
      [acquire, acquire],
    ]),
  ),
  impatient(
    lock('impatient 2 × 2, in time', [
      [acquireInTime, acquire],
      [acquire, acquireInTime],
    ]),
  ),
  impatient(
    lock(
      'impatient 2 × 2, one dies',
      [
        [steal, steal],
        [steal, steal],
      ],
      { deaths: 1, ticks: 1 },
    ),
  ),
  impatient(lock('impatient 3 × 1', [[acquire], [acquireInTime], [acquire]]), { limits: { preemptions: 3 } }),
  impatient(lock('impatient 3 × 1, all schedules', [[acquire], [acquire], [acquire]]), { long: true }),
]

/** No permit is taken past those who sleep, or one in a row. */
const passing = (most: number): readonly Edit[] => [
  { file: 'sync/permits.ts', find: 'const MOST_PASSED = 256', replace: `const MOST_PASSED = ${most}` },
]
const STERN = passing(0)
const LENIENT = passing(1)
const { semaphore, pass, passInTime, passAsync } = permits
const stern = (scenario: Scenario, rest: Partial<Case> = {}): Case => ({ scenario, edits: STERN, ...rest })
const lenient = (scenario: Scenario, rest: Partial<Case> = {}): Case => ({ scenario, edits: LENIENT, ...rest })
const ONE = { initial: 1 }

export const SEMAPHORE: readonly Case[] = [
  {
    scenario: semaphore(
      'take ×2 | give ×2',
      [
        [permits.take, permits.take],
        [permits.give(), permits.give()],
      ],
      { spurious: 2 },
    ),
  },
  { scenario: semaphore('take | take | give 2', [[permits.take], [permits.take], [permits.give(2)]], { spurious: 1 }) },
  {
    scenario: semaphore('take | take in time | give', [[permits.take], [permits.takeInTime], [permits.give()]], { spurious: 1 }),
  },
  { scenario: semaphore('take | try | give', [[permits.take], [permits.tryTake], [permits.give()]]) },
  { scenario: semaphore('take | take | give, one dies', [[permits.take], [permits.take], [permits.give()]], { deaths: 1 }) },
  {
    scenario: semaphore(
      '2 × 2',
      [
        [pass, pass],
        [pass, pass],
      ],
      { spurious: 1 },
      ONE,
    ),
  },
  { scenario: semaphore('3 × 1', [[pass], [pass], [pass]], {}, ONE) },
  { scenario: semaphore('3 × 1, two permits', [[pass], [pass], [pass]], {}, { initial: 2 }) },
  {
    scenario: semaphore(
      'bounded: release ×2 | release ×2',
      [
        [permits.giveWithin(2), permits.giveWithin(2)],
        [permits.giveWithin(2), permits.giveWithin(2)],
      ],
      {},
      { initial: 0, bound: 2 },
    ),
  },
  { scenario: semaphore('async | take | give 2', [[permits.takeAsync('never')], [permits.take], [permits.give(2)]]) },
  { scenario: semaphore('two async, the first aborts | give', [[permits.takeAsync('aborts', 'never')], [permits.give()]]) },
  { scenario: semaphore('two async, the second expires | give', [[permits.takeAsync('never', 'expires')], [permits.give()]]) },
  { scenario: semaphore('async that aborts | take | give', [[permits.takeAsync('aborts')], [permits.take], [permits.give()]]) },
  stern(
    semaphore(
      'stern 2 × 2',
      [
        [pass, pass],
        [pass, pass],
      ],
      { spurious: 1 },
      ONE,
    ),
  ),
  stern(
    semaphore(
      'stern 2 × 2, in time',
      [
        [passInTime, pass],
        [pass, passInTime],
      ],
      { spurious: 1 },
      ONE,
    ),
  ),
  stern(
    semaphore(
      'stern 2 × 2, one dies',
      [
        [pass, pass],
        [pass, pass],
      ],
      { deaths: 1, ticks: 1, spurious: 1 },
      { initial: 2 },
    ),
  ),
  stern(semaphore('stern 3 × 1', [[pass], [pass], [pass]], { spurious: 1 }, ONE)),
  stern(semaphore('stern 3 × 1, in time', [[passInTime], [pass], [pass]], { spurious: 1 }, ONE)),
  stern(semaphore('stern: take | take | give 2', [[permits.take], [permits.take], [permits.give(2)]], { spurious: 1 })),
  stern(
    semaphore('stern: take in time | take | give 2', [[permits.takeInTime], [permits.take], [permits.give(2)]], { spurious: 1 }),
  ),
  lenient(
    semaphore('lenient: take | take | take | give, take, give 3', [
      [permits.take],
      [permits.take],
      [permits.take],
      [permits.give(), permits.take, permits.give(3)],
    ]),
    { limits: { preemptions: 1 } },
  ),
  stern(
    semaphore(
      'stern: take ×2 | take | give ×2, the second dies',
      [[permits.take, permits.take], [permits.take], [permits.give(), permits.give()]],
      { deaths: 1, mortal: [1], ticks: 1, spurious: 1 },
    ),
    { limits: { preemptions: 2 } },
  ),
  stern(
    semaphore(
      'stern: async | 3, the first dies',
      [[passAsync('never')], [pass, pass, pass]],
      { deaths: 1, mortal: [0], ticks: 1 },
      ONE,
    ),
  ),
  stern(semaphore('stern: async that aborts | 2 | 1', [[passAsync('aborts')], [pass, pass], [pass]], {}, ONE), {
    limits: { preemptions: 2 },
  }),
  stern(semaphore('stern: async that expires | 3', [[passAsync('expires')], [pass, pass, pass]], {}, ONE)),
  lenient(
    semaphore(
      'lenient 2 × 2',
      [
        [pass, pass],
        [pass, pass],
      ],
      { spurious: 1 },
      ONE,
    ),
  ),
  lenient(semaphore('lenient 3 × 1, in time', [[passInTime], [pass], [pass]], { spurious: 1 }, ONE)),
  lenient(semaphore('lenient: take | 2 | 2', [[permits.take], [pass, pass], [pass, pass]], {}, { initial: 2 }), {
    limits: { preemptions: 2 },
  }),
]

export const EVENT: readonly Case[] = [
  {
    scenario: event(
      'wait ×2 | set, clear',
      [
        [wait, wait],
        [set, clear, set],
      ],
      { spurious: 1 },
    ),
  },
  { scenario: event('wait | wait | set', [[wait], [wait], [set]], { spurious: 1 }) },
  { scenario: event('wait | pulse', [[wait], [pulse]], { spurious: 1 }) },
  { scenario: event('wait | pulse, near 2^32', [[wait], [pulse]], { spurious: 1 }, -2) },
  { scenario: event('wait | wait | pulse', [[wait], [wait], [pulse]]) },
  { scenario: event('wait | wait in time | pulse', [[wait], [waitInTime], [pulse]]) },
  { scenario: event('wait | set | set, clear', [[wait], [set], [set, clear]]) },
  { scenario: event('two async | pulse', [[waitAsync('never', 'never')], [pulse]]) },
  { scenario: event('async that expires, async | pulse', [[waitAsync('expires', 'never')], [pulse]]) },
  { scenario: event('async that aborts | async | set', [[waitAsync('aborts')], [waitAsync('never')], [set]]) },
  { scenario: event('async | wait | set, one dies', [[waitAsync('never')], [wait], [set]], { deaths: 1 }) },
  { scenario: event('wait | wait | set, one dies', [[wait], [wait], [set]], { deaths: 1 }) },
]

/** Where plain accesses to shared memory are steps of their own, and two that race are found. */
const RACES: Limits = { plain: 'steps' }
const LARGE = true
const [first, second] = [put(0), put(1)]
const [firstLarge, secondLarge] = [put(0, 'sync', LARGE), put(1, 'sync', LARGE)]

export const QUEUE: readonly Case[] = [
  { scenario: queue('put | get', 1, [[first], [get()]], { spurious: 1 }) },
  { scenario: queue('put | get, plain accesses', 1, [[first], [get()]], { spurious: 1 }), limits: RACES },
  { scenario: queue('put | get, one dies', 1, [[first], [get()]], { deaths: 1, ticks: 1 }) },
  {
    scenario: queue(
      'put ×2 | get ×2',
      2,
      [
        [first, second],
        [get(), get()],
      ],
      { spurious: 1 },
    ),
  },
  {
    scenario: queue(
      'put ×2 | get ×2, at most 1, plain accesses',
      2,
      [
        [first, second],
        [get(), get()],
      ],
      {},
      { maxsize: 1 },
    ),
    limits: RACES,
  },
  {
    scenario: queue(
      'put ×2 | get ×2, at most 1, counters near 2^31',
      2,
      [
        [first, second],
        [get(), get()],
      ],
      {},
      {
        maxsize: 1,
        count: PUTS_NEAR_2_31,
      },
    ),
  },
  {
    scenario: queue(
      'put ×2 | get ×2, at most 1, counters near 2^32',
      2,
      [
        [first, second],
        [get(), get()],
      ],
      {},
      {
        maxsize: 1,
        count: PUTS_NEAR_2_32,
      },
    ),
  },
  {
    scenario: queue(
      'put ×3 | get ×3, at most 2',
      3,
      [
        [first, second, put(2)],
        [get(), get(), get()],
      ],
      {},
      { maxsize: 2 },
    ),
  },
  {
    scenario: queue(
      'large: put ×2 | get ×2, at most 1',
      2,
      [
        [firstLarge, secondLarge],
        [get(), get()],
      ],
      {},
      { maxsize: 1 },
    ),
  },
  {
    scenario: queue('large: put ×2 | get ×2, plain accesses', 2, [
      [firstLarge, secondLarge],
      [get(), get()],
    ]),
    limits: RACES,
  },
  {
    scenario: queue(
      'large: put ×2 | get ×2, at most 1, one dies',
      2,
      [
        [firstLarge, secondLarge],
        [get(), get()],
      ],
      { deaths: 1, ticks: 1 },
      { maxsize: 1 },
    ),
  },
  {
    scenario: queue(
      'put ×2 | get ×2, at most 1, one dies',
      2,
      [
        [first, second],
        [get(), get()],
      ],
      { deaths: 1, ticks: 1 },
      {
        maxsize: 1,
      },
    ),
  },
  {
    scenario: queue(
      'in time: put ×2 | get ×2, at most 1',
      2,
      [
        [first, put(1, 'in time')],
        [get(), get('in time')],
      ],
      { spurious: 1 },
      { maxsize: 1 },
    ),
  },
  {
    scenario: queue(
      'put, tryPut | get, tryGet, at most 1',
      2,
      [
        [first, put(1, 'try')],
        [get(), get('try')],
      ],
      {},
      { maxsize: 1 },
    ),
  },
  {
    scenario: queue('put, get | get, put', 2, [
      [first, get()],
      [get(), second],
    ]),
  },
  {
    scenario: queue(
      'put, get | put, get, one dies',
      2,
      [
        [first, get()],
        [second, get()],
      ],
      { deaths: 1 },
    ),
    limits: { preemptions: 3 },
  },
  {
    scenario: queue(
      'full: get | put | put | tryPut, a putter dies',
      4,
      [[get()], [second], [put(2)], [put(3, 'try')]],
      { deaths: 1, mortal: [1], ticks: 0 },
      { maxsize: 1, present: 1 },
    ),
    limits: { preemptions: 1 },
  },
  { scenario: queue('put | put | get', 2, [[first], [second], [get()]]) },
  { scenario: queue('put | put | get, at most 1', 2, [[first], [second], [get()]], {}, { maxsize: 1 }) },
  { scenario: queue('large: put | put | get', 2, [[firstLarge], [secondLarge], [get()]]) },
  { scenario: queue('put | put in time | get, at most 1', 2, [[first], [put(1, 'in time')], [get()]], {}, { maxsize: 1 }) },
  { scenario: queue('put | get | get', 1, [[first], [get()], [get()]]) },
  { scenario: queue('put ×2 | get | get', 2, [[first, second], [get()], [get()]]), limits: { preemptions: 3 } },
  { scenario: queue('put | get | tryGet', 1, [[first], [get()], [get('try')]]) },
  { scenario: queue('put | get | get in time', 1, [[first], [get()], [get('in time')]]) },
  { scenario: queue('put | get | shutdown', 1, [[first], [get()], [shutdown]]) },
  {
    scenario: queue(
      'put, get, put, tryPut | tryGet, at most 1, counters near 2^31',
      3,
      [[first, get(), second, put(2, 'try')], [get('try')]],
      {},
      {
        maxsize: 1,
        count: PUTS_NEAR_2_31,
      },
    ),
  },
  { scenario: queue('put ×2 | shutdown, at most 1', 2, [[first, second], [shutdown]], {}, { maxsize: 1 }) },
  { scenario: queue('put | get | get, a getter dies', 1, [[first], [get()], [get()]], { deaths: 1, mortal: [1], ticks: 1 }) },
  {
    scenario: queue(
      'put | put | get, at most 1, a putter dies',
      2,
      [[first], [second], [get()]],
      { deaths: 1, mortal: [0], ticks: 1 },
      {
        maxsize: 1,
      },
    ),
    long: true,
  },
  {
    scenario: queue(
      'async put ×2 | async get ×2',
      2,
      [
        [put(0, 'async'), put(1, 'async')],
        [get('async'), get('async')],
      ],
      {},
      { maxsize: 1 },
    ),
  },
  { scenario: queue('put ×2 | async get | get', 2, [[first, second], [get('async')], [get()]]), limits: { preemptions: 3 } },
  { scenario: queue('put | async get that aborts | get', 1, [[first], [get('aborts')], [get()]]) },
  { scenario: queue('put | async get that expires | get', 1, [[first], [get('expires')], [get()]]), long: true },
  {
    scenario: queue(
      'async put that aborts | put | get, at most 1',
      2,
      [[put(0, 'aborts')], [second], [get()]],
      {},
      { maxsize: 1 },
    ),
  },
]

/** As many entries as there are waiters at once. */
const few = (entries: number): readonly Edit[] => [
  { file: 'sync/wait-set.ts', find: 'const FIRST_ENTRIES = 8', replace: `const FIRST_ENTRIES = ${entries}` },
]
const oneDies = { deaths: 1, ticks: 0 }

export const CONDITION: readonly Case[] = [
  { scenario: condition('wait | notify', [[await_], [tell()]], { spurious: 1 }), edits: few(2) },
  {
    scenario: condition(
      'wait ×2 | notify ×2',
      [
        [await_, await_],
        [tell(), tell()],
      ],
      {},
      0x3fffffff,
    ),
    edits: few(2),
    limits: { preemptions: 3 },
  },
  {
    scenario: condition('wait in time ×2 | notify', [[awaitInTime, awaitInTime], [tell()]]),
    edits: few(2),
    limits: { preemptions: 3 },
  },
  { scenario: condition('wait | notify, one dies', [[await_], [tell()]], oneDies), edits: few(2), limits: { preemptions: 2 } },
  {
    scenario: condition('wait | wait | notify ×2', [[await_], [await_], [tell(), tell()]]),
    edits: few(2),
    limits: { preemptions: 2 },
  },
  {
    scenario: condition('wait | wait | notify both', [[await_], [await_], [tell(2)]]),
    edits: few(2),
    limits: { preemptions: 2 },
  },
  {
    scenario: condition('one entry at first: wait | wait | notify both', [[await_], [await_], [tell(2)]]),
    edits: few(1),
    limits: { preemptions: 1 },
  },
  {
    scenario: condition('wait in time | wait | notify', [[awaitInTime], [await_], [tell()]]),
    edits: few(2),
    limits: { preemptions: 2 },
  },
  {
    scenario: condition('async that aborts | wait | notify', [[awaitAsync('aborts')], [await_], [tell()]]),
    edits: few(2),
    limits: { preemptions: 2 },
  },
  {
    scenario: condition('wait | wait | notify, a waiter dies', [[await_], [await_], [tell()]], { ...oneDies, mortal: [0] }),
    edits: few(2),
    limits: { preemptions: 1 },
  },
  {
    scenario: condition('wait | wait | notify both, the notifier dies', [[await_], [await_], [tell(2)]], {
      ...oneDies,
      mortal: [2],
    }),
    edits: few(2),
    limits: { preemptions: 1 },
  },
]

export const BARRIER: readonly Case[] = [
  {
    scenario: barrier(
      '2 parties, 2 rounds',
      2,
      [
        [arrive, arrive],
        [arrive, arrive],
      ],
      { spurious: 1 },
    ),
    edits: few(2),
    limits: { preemptions: 3 },
  },
  {
    scenario: barrier('2 parties that act', 2, [
      [arriveAndAct, arriveAndAct],
      [arriveAndAct, arriveAndAct],
    ]),
    edits: few(2),
    limits: { preemptions: 3 },
  },
  { scenario: barrier('2 parties in time', 2, [[arriveInTime, arriveInTime], [arriveInTime]]), edits: few(2) },
  { scenario: barrier('2 parties, one dies', 2, [[arrive], [arrive]], oneDies), edits: few(2), limits: { preemptions: 2 } },
  { scenario: barrier('3 parties', 3, [[arrive], [arrive], [arrive]]), edits: few(2), limits: { preemptions: 2 } },
  {
    scenario: barrier('2 parties | reset', 2, [[arriveInTime], [arriveInTime], [reset]]),
    edits: few(2),
    limits: { preemptions: 2 },
  },
  {
    scenario: barrier('2 parties | abort, reset', 2, [[arrive], [arriveInTime], [abort, reset]]),
    edits: few(2),
    limits: { preemptions: 2 },
  },
  {
    scenario: barrier('3 parties, one of them dies', 3, [[arrive], [arrive], [arriveAndAct]], { ...oneDies, mortal: [2] }),
    edits: few(2),
    limits: { preemptions: 1 },
  },
]

const chaos = { deaths: 1, spurious: 2, ticks: 2 }
export const RANDOM: readonly Case[] = [
  {
    scenario: waitlist(
      '4 take, 2 give',
      [[take, async], [takeInTime, take], [aborts, expires], [take], [give(), give(2)], [give(), give()]],
      chaos,
    ),
    random: 500,
  },
  {
    scenario: lock(
      '4 × 2',
      [[steal, stealInTime], [stealInTime, trySteal], [steal, steal], [acquireAsync('never', 'aborts', 'expires')]],
      chaos,
      { gate: NEAR_2_31 },
    ),
    random: 500,
  },
  impatient(
    lock('impatient 3 × 2', [[steal, stealInTime], [stealInTime, steal], [acquireAsync('expires', 'never', 'aborts')]], {
      spurious: 2,
    }),
    { random: 500 },
  ),
  {
    scenario: queue(
      '2 put, 2 get, at most 2',
      5,
      [
        [first, put(1, 'in time'), put(2, 'sync', LARGE)],
        [put(3, 'async'), put(4, 'aborts')],
        [get(), get('in time'), get('try')],
        [get('expires'), get('async')],
      ],
      chaos,
      { maxsize: 2 },
    ),
    random: 500,
  },
]
