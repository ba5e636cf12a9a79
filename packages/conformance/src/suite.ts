import { type Backend, type Capabilities, type Context, createContext } from '@multiproc/core'
import { describe, expect, test } from 'vitest'
import { LeftBehind } from './left-behind.js'
import { type ProgramEnd, type ProgramOptions, type RunningProgram, runProgram, startProgram } from './run-program.js'
import { Limit, until } from './support/hang.js'

/** What a backend is tested with. */
export interface ConformanceOptions {
  /** A backend as a user would make it. Called once for each test. */
  readonly backend: () => Backend
  /**
   * Tests that are known to fail, by title, each with the reason. They run all the same and are expected to fail, so that a gap which was
   * mended is reported.
   */
  readonly gaps?: Readonly<Record<string, string>>
  /** How many times longer than usual things may take before a test calls it a hang. Default 1; more for slow machines. That one is busy is taken account of. */
  readonly patience?: number
  /** The package (or module) that exports the backend's context, for tests that need a program of its own. Default `@multiproc/backend-<name>`. */
  readonly package?: string
  /** How a context is made of the backend. For testing the suite itself. */
  readonly context?: (backend: Backend) => Context
}

/** What each test is given. */
export interface Tools {
  /** A fresh context, closed after the test. */
  readonly mp: Context
  /** Another context over the same kind of backend, which the test is to close. */
  create(): Context
  /** ms after which something that should have happened counts as hung: `usual` times the patience. */
  within(usual: number): number
  /** Waits until `condition` holds, with turns of the event loop in between. `what` continues "… did not happen", in the error when it never does. */
  until(condition: () => boolean, what: string): Promise<void>
  /** A controller on whose signal nobody may listen any more after the test. */
  abortController(): AbortController
  /** Runs one of `programs/` in a Node of its own, over the backend under test. */
  program(name: string, options?: ProgramOptions): Promise<ProgramEnd>
  /** Starts one, for tests that do something to it. The test is to wait for its end. */
  startProgram(name: string, options?: ProgramOptions): RunningProgram
}

/** One part of the suite: registers its tests. */
export type Part = (suite: Suite) => void

/** ms; longer than any single wait in a test. */
const TEST_LIMIT = 50_000

/** Registers tests against one backend. */
export class Suite {
  readonly capabilities: Capabilities
  readonly #options: ConformanceOptions
  readonly #package: string
  readonly #titles = new Set<string>()

  constructor(options: ConformanceOptions) {
    const { capabilities, name } = options.backend()
    this.capabilities = capabilities
    this.#options = options
    this.#package = options.package ?? `@multiproc/backend-${name}`
  }

  /** Tests under a common heading. */
  group(title: string, register: () => void): void {
    describe(title, register)
  }

  /** Says in the report that tests were left out, because the capabilities lack `what`. */
  absent(what: string): void {
    test.skip(`needs ${what}`, () => {})
  }

  /**
   * A test in a context of its own, after which nothing of it may be left.
   * @param needs capabilities without which the test is left out, and the report says so
   */
  test(title: string, run: (tools: Tools) => Promise<void> | void, needs: Partial<Capabilities> = {}): void {
    this.#titles.add(title)
    const lacking = Object.entries(needs).filter(([name, value]) => Reflect.get(this.capabilities, name) !== value)
    if (lacking.length > 0) {
      const wanted = lacking.map(([name, value]) =>
        typeof value === 'boolean' ? `${value ? '' : 'no '}${name}` : `${name} '${value}'`,
      )
      return test.skip(`${title} (needs ${wanted.join(', ')})`, () => {})
    }
    const { gaps = {}, patience = 1 } = this.#options
    const reason = gaps[title]
    // Hangs are told of here and not by vitest.
    const timeout = Limit.most((TEST_LIMIT + 20_000) * patience)
    if (reason === undefined) test(title, { timeout }, () => this.#run(run))
    else test.fails(`${title} (gap: ${reason})`, { timeout }, () => this.#run(run))
  }

  /** A gap that names no test hides nothing and says nothing. */
  checkGaps(): void {
    test('every gap names a test', () => {
      expect(Object.keys(this.#options.gaps ?? {}).filter((title) => !this.#titles.has(title))).toEqual([])
    })
  }

  async #run(run: (tools: Tools) => Promise<void> | void): Promise<void> {
    const { backend, patience = 1, context = createContext } = this.#options
    const leftBehind = new LeftBehind()
    const mp = context(backend())
    const within = (usual: number) => usual * patience
    const tools: Tools = {
      mp,
      create: () => context(backend()),
      within,
      until: (condition, what) => until(condition, within(20_000), what),
      abortController: () => leftBehind.watch(new AbortController()),
      program: (name, options) => runProgram(this.#package, name, within(30_000), options),
      startProgram: (name, options) => startProgram(this.#package, name, within(30_000), options),
    }
    try {
      await endsIn(within(TEST_LIMIT), async () => run(tools))
      await leftBehind.assertContextEmpty(mp, within(5_000))
    } catch (error) {
      // What a failed test left is no news; ending it keeps it away from the next.
      leftBehind.stop()
      await mp.close()
      throw error
    }
    await mp.close()
    await leftBehind.assertNothing(within(5_000))
  }
}

/** A test that hangs is given up here and not by vitest, so that its agents are ended before the next one starts. */
async function endsIn(limit: number, run: () => Promise<void>): Promise<void> {
  const time = new Limit(limit)
  let stop = () => {}
  const hung = new Promise<never>((_, reject) => {
    stop = time.onOver(() => reject(new Error(`the test hangs: it has not ended in ${time}`)))
  })
  try {
    await Promise.race([run(), hung])
  } finally {
    stop()
  }
}
