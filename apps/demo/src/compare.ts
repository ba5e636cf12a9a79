import { isDeepStrictEqual } from 'node:util'
import type { Context, Progress } from '@multiproc/core'
import type { Job, Outcome, Setting } from './job.js'

/** One job on one backend. */
export interface Run {
  readonly job: string
  readonly backend: string
  /** Whether it gave what the serial run gave, and showed what it is to show. */
  readonly ok: boolean
  /** What came out; where it is not `ok`, what is wrong. */
  readonly summary: string
  readonly wallMs: number
  /** The serial run's wall time divided by this one's; `null` where that says nothing. */
  readonly speedUp: number | null
  readonly items: number
  readonly unit: string
  readonly itemsPerSecond: number
  /** `null` where nothing is added up in shared memory. */
  readonly lostUpdates: number | null
}

/** Who looks on. */
export interface Audience {
  jobStarts(job: Job): void
  runStarts(backend: string): void
  progress(progress: Progress): void
  runEnds(run: Run): void
}

/**
 * Runs each job serially, then on each backend, and holds the results against the serial one. A failure is told in its
 * `Run`; what comes after it goes on. A picture is saved to `output` by the last run that succeeded.
 */
export async function compare(
  jobs: readonly Job[],
  contexts: readonly Context[],
  setting: Setting,
  output: string,
  audience: Audience,
): Promise<Run[]> {
  const runs: Run[] = []
  const onProgress = (progress: Progress) => audience.progress(progress)
  for (const job of jobs) {
    audience.jobStarts(job)
    const serial = await attempt('serial', () => job.serially(setting, onProgress), audience)
    let last = serial
    conclude(serial)
    for (const mp of contexts) {
      const next = await attempt(mp.backend.name, () => job.on(mp, setting, onProgress), audience)
      conclude(next)
      if (next.outcome) last = next
    }
    if (last.outcome) await job.save?.(last.outcome, output)

    function conclude(attempt: Attempt): void {
      const run = judge(job, attempt, serial)
      runs.push(run)
      audience.runEnds(run)
    }
  }
  return runs
}

interface Attempt {
  readonly backend: string
  readonly wallMs: number
  readonly outcome?: Outcome
  readonly error?: unknown
}

async function attempt(backend: string, run: () => Promise<Outcome>, audience: Audience): Promise<Attempt> {
  audience.runStarts(backend)
  const start = performance.now()
  try {
    const outcome = await run()
    return { backend, wallMs: performance.now() - start, outcome }
  } catch (error) {
    return { backend, wallMs: performance.now() - start, error }
  }
}

function judge(job: Job, { backend, wallMs, outcome, error }: Attempt, serial: Attempt): Run {
  const isSerial = backend === serial.backend
  const about = { job: job.name, backend, unit: job.unit, wallMs }
  if (!outcome) {
    return {
      ...about,
      ok: false,
      summary: `failed: ${error}`,
      speedUp: null,
      items: 0,
      itemsPerSecond: 0,
      lostUpdates: null,
    }
  }
  const { items, summary, lostUpdates = null } = outcome
  const wrong = isSerial ? undefined : complaint(job, outcome, serial.outcome)
  return {
    ...about,
    ok: wrong === undefined,
    summary: wrong === undefined ? summary : `${wrong}: ${summary}`,
    speedUp: serial.outcome && !job.untimed ? serial.wallMs / wallMs : null,
    items,
    itemsPerSecond: (items / wallMs) * 1000,
    lostUpdates,
  }
}

/** What is wrong with an outcome, if anything. */
function complaint(job: Job, outcome: Outcome, serial: Outcome | undefined): string | undefined {
  if (job.holds) return job.holds(outcome) ? undefined : 'does not show what it should'
  return isDeepStrictEqual(outcome.result, serial?.result) ? undefined : 'not what the serial run gave'
}
