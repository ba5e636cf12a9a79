import { describe, expect, test } from 'vitest'
import { type Outcome, runSuite } from './support/run-suite.js'

/** The suite's own tests: backends that are wrong on purpose must fail the part that names what is wrong with them. */

interface Expectation {
  /** In `fixtures/defects.cjs`. */
  readonly defect: string
  readonly part: string
  /** Of a test in that part that must fail … */
  readonly title: string
  /** … with this message: for its own reason, and not because it hangs or for any other. */
  readonly because: RegExp
  /** How often it is tried where the scheduler decides whether the defect shows; default: once. */
  readonly tries?: number
}

const DIFFERS = /to deeply equal|to be /
const CHECK = 'every gap names a test'
const FREE = 'without any lock, lock is undefined and exclusion a StateError'
const ORDER = 'one producer (sync), one consumer (sync): every item once, in order'

const expectations: readonly Expectation[] = [
  {
    defect: 'an exclusive section that excludes nobody',
    part: 'race',
    title: 'value.runExclusiveSync loses none',
    because: DIFFERS,
    tries: 5,
  },
  { defect: 'a lock that never blocks', part: 'lock', title: 'four agents, one at a time (sync)', because: DIFFERS, tries: 5 },
  {
    defect: 'a guard that releases as often as it is told to',
    part: 'lock',
    title: 'a guard releases once, however often it is told to',
    because: /NotOwnerError|must not release/,
  },
  { defect: 'a queue that reorders', part: 'fifo', title: ORDER, because: DIFFERS },
  { defect: 'a queue that doubles', part: 'fifo', title: ORDER, because: DIFFERS },
  { defect: 'a queue that drops', part: 'fifo', title: ORDER, because: DIFFERS },
  {
    defect: 'a pool that loses an error',
    part: 'map',
    title: 'map rejects with the first error by input order, and all other items ran (failSome, chunks of 1)',
    because: /nothing was thrown/,
  },
  {
    defect: 'a pool that pulls more than it needs',
    part: 'pool',
    title: 'imap: while nobody takes results, nothing more is pulled',
    because: /expected 100 to be less than or equal to 10/,
  },
  {
    defect: 'a pool that calls back twice',
    part: 'pool',
    title: 'callbacks: one of the two, once, with the result or the error',
    because: DIFFERS,
  },
  {
    defect: 'a process that loses its exit code',
    part: 'process',
    title: 'process.exit(N) and process.exitCode = N are exit code N',
    because: DIFFERS,
  },
  {
    defect: 'a process that loses its error',
    part: 'process',
    title: 'a target that throws: exit code 1, join fulfils, error is what was thrown',
    because: /undefined to be an instance of RangeError/,
  },
  {
    defect: 'a launcher that leaks a thread',
    part: 'process',
    title: 'it starts once',
    because: /left behind by the test, before the context is closed.*agents of the platform/s,
  },
  { defect: 'a launcher that leaks its agents', part: 'process', title: 'it starts once', because: /hangs/ },
  {
    defect: 'a target that is never refused',
    part: 'process',
    title: 'no target, or one that can be none, is refused at the call',
    because: /nothing was thrown/,
  },
  {
    defect: 'a Value that is a copy elsewhere',
    part: 'handles',
    title: 'as an argument of a Process',
    because: /value is 1 and not 2/,
  },
  {
    defect: 'memory that is never freed',
    part: 'handles',
    title: 'what 10^4 dropped Queues used becomes usable again',
    because: /the return of all memory did not happen/,
  },
  {
    defect: 'a context that leaves a timer',
    part: 'race',
    title: FREE,
    because: /left behind.*timers that hold the process alive/s,
  },
  {
    defect: 'a context that leaves a timer which holds nothing alive',
    part: 'race',
    title: FREE,
    because: /left behind by the test, after the context was closed.*timers/s,
  },
  { defect: 'a context that leaves a listener', part: 'race', title: FREE, because: /left behind.*process listener: exit/s },
  { defect: 'a context that leaves a wait', part: 'race', title: FREE, because: /left behind.*waits/s },
  {
    defect: 'a wait that leaves its listener on the signal',
    part: 'lock',
    title: 'an abort while another agent holds the lock ends the wait',
    because: /left behind.*abort listeners/s,
  },
  {
    defect: 'a listener for each wait',
    part: 'process',
    title: 'an abort ends the join, not the process',
    because: /to be 1|MaxListeners/,
  },
]

/** Hangs and leftovers are what some of these defects cause; there is no need to wait for them as long as for a slow machine. */
const PATIENCE = '0.2'
/** ms; a suite on a busy machine waits up to ten times as long. */
const LIMIT = 200_000

describe.concurrent('the suite fails', { timeout: LIMIT }, () => {
  for (const { defect, part, title, because, tries = 1 } of expectations) {
    test(`${part}, on ${defect}`, async () => {
      let outcomes: Outcome[] = []
      for (let n = 0; n < tries && !outcomes.some(({ passed }) => !passed); n++)
        outcomes = await runSuite([title], { DEFECT: defect, PATIENCE })
      // Other parts may run the same test on their own objects, which may have the defect from what they are made of.
      const [outcome, ...others] = outcomes.filter((one) => one.part === part)
      expect(others).toEqual([])
      expect(outcome).toMatchObject({ part, title, passed: false })
      expect(outcome?.messages).toMatch(because)
    })
  }
})

test('the same tests pass where nothing is wrong', async () => {
  const titles = [...new Set(expectations.map(({ title }) => title))]
  const outcomes = await runSuite(titles, { DEFECT: 'none' })
  expect(outcomes.filter(({ passed }) => !passed)).toEqual([])
  expect([...new Set(outcomes.map(({ title }) => title))].sort()).toEqual(titles.sort())
})

describe.concurrent('a gap', () => {
  const title = 'a guard releases once, however often it is told to'
  const defect = 'a guard that releases as often as it is told to'
  const run = (defect: string, gaps: Record<string, string>): Promise<Outcome[]> =>
    runSuite([title, CHECK], { DEFECT: defect, GAPS: JSON.stringify(gaps), PATIENCE })

  test('runs its test and expects it to fail', async () => {
    const outcomes = await run(defect, { [title]: 'known' })
    expect(outcomes).toMatchObject([
      { title: `${title} (gap: known)`, passed: true },
      { title: CHECK, passed: true },
    ])
  })

  test('that was mended is reported', async () => {
    const outcomes = await run('none', { [title]: 'known' })
    expect(outcomes).toMatchObject([
      { title: `${title} (gap: known)`, passed: false },
      { title: CHECK, passed: true },
    ])
    expect(outcomes[0]?.messages).toMatch(/Expect test to fail/)
  })

  test('that names no test is reported', async () => {
    const outcomes = await run('none', { 'no such test': 'a typo' })
    expect(outcomes).toMatchObject([
      { title, passed: true },
      { title: CHECK, passed: false },
    ])
    expect(outcomes[1]?.messages).toContain('no such test')
  })
})
