/** The main job: `npm start -- --help`. */
import { access } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { type Found, findBackends, known } from './backends.js'
import { chosen, type Flags, program } from './cli.js'
import { compare } from './compare.js'
import { Dashboard, nobody } from './dashboard.js'
import { changedFiles, findInput } from './input.js'
import { endOnBrokenPipe, endOnSignal } from './interrupts.js'
import { lessons } from './lessons/index.js'
import { ending, heading, type Report, type Setup, section } from './report.js'
import { UsageError } from './usage-error.js'
import { workloads } from './workloads/index.js'

const flags = program.parse().opts<Flags>()
const dashboard = new Dashboard(process.stdout.isTTY === true && !flags.json)
endOnSignal(() => dashboard.stop())
endOnBrokenPipe()

try {
  const report = await main()
  process.exitCode = report.ok ? 0 : 1
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  program.error(`error: ${error.message}`)
}

async function main(): Promise<Report> {
  const first = chosen(lessons, 'lessons', flags.only)
  const then = chosen(workloads, 'work', flags.only)
  const jobs = [...first, ...then]

  const { contexts, skipped } = assertUsable(await findBackends(flags.backend ?? known))
  const input = jobs.some((job) => job.readsFiles) ? await findInput(flags.input) : undefined
  const files = input?.files ?? []
  const workers = flags.workers ?? availableParallelism()
  const setup: Setup = {
    node: process.version,
    cpus: availableParallelism(),
    workers,
    backends: contexts.map((mp) => mp.backend.name),
    skipped,
    ...(input && { input: { ...input, files: files.length } }),
    ...(jobs.some((job) => job.save) && { picture: await writable(flags.output) }),
  }

  const say = flags.json ? () => {} : console.log
  const run = (jobs: typeof first) => compare(jobs, contexts, { files, workers }, flags.output, flags.json ? nobody : dashboard)
  say(heading(setup))
  if (first.length > 0) say(section("The lessons of Python's multiprocessing tutorial"))
  const runs = await run(first)
  if (then.length > 0) say(section('Real work'))
  runs.push(...(await run(then)))

  const ok = runs.every((run) => run.ok)
  const report: Report = { ok, ...setup, changed: ok ? [] : await changedFiles(files), runs }
  console.log(flags.json ? JSON.stringify(report, null, 2) : ending(jobs, report))
  return report
}

/** Skipping what was asked for by name would be hiding it. */
function assertUsable(found: Found): Found {
  const [missing] = found.skipped
  if (missing && (flags.backend || found.contexts.length === 0)) throw new UsageError(missing.reason)
  return found
}

/** The path of a file that can be written, as far as one can tell before the work is done. */
async function writable(path: string): Promise<string> {
  await access(dirname(path)).catch((cause: Error) => {
    throw new UsageError(`--output: there is no folder '${dirname(path)}'`, { cause })
  })
  return path
}
