import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { known } from './backends.js'
import type { Job } from './job.js'
import { lessons } from './lessons/index.js'
import { workloads } from './workloads/index.js'

/** What the command line says. */
export interface Flags {
  /** Absent: all that are installed. */
  readonly backend?: readonly string[]
  readonly workers?: number
  readonly input: string
  readonly output: string
  readonly json: boolean
  readonly only?: readonly string[]
}

const MOST_WORKERS = 256
const jobs = [...lessons, ...workloads]

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)))

export const program = new Command('npm start --')
  .description("The lessons of Python's multiprocessing tutorial, then real work on real files: serially and on every backend.")
  .addOption(new Option('--backend <name...>', 'only these backends; repeatable').choices(known))
  .addOption(new Option('--workers <n>', 'processes at the same time (default: one for each CPU)').argParser(workersOf))
  .option('--input <dir>', 'where to look for .md, .ts and .js files', absolute, root)
  .option('--output <file>', 'where to write the picture', absolute, join(tmpdir(), 'multiproc-mandelbrot.png'))
  .option('--json', 'print one JSON document and nothing else', false)
  .addOption(
    new Option('--only <name...>', 'only these jobs; repeatable').choices(['lessons', 'work', ...jobs.map(({ name }) => name)]),
  )
  .allowExcessArguments(false)
  .showHelpAfterError('npm start -- --help lists the flags')
  // 2, as for most programs, tells a wrong command line from a wrong result.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))

/** The jobs that `--only` names. */
export function chosen(all: readonly Job[], group: 'lessons' | 'work', only: Flags['only']): readonly Job[] {
  return only === undefined || only.includes(group) ? all : all.filter(({ name }) => only.includes(name))
}

/** Not `resolve` itself: commander passes the default along. */
function absolute(path: string): string {
  return resolve(path)
}

function workersOf(text: string): number {
  const n = Number(text)
  if (/^\d+$/.test(text) && n >= 1 && n <= MOST_WORKERS) return n
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_WORKERS}.`)
}
