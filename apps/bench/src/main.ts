/** `npm run bench -- [names] [options]`: measures, prints tables, and says which targets are met. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Outcome, Scale } from './benchmark.js'
import { benchmarks, loadBenchmark } from './benchmarks/index.js'
import { writeMarkdown } from './markdown.js'
import { allMet, asJson, asTables } from './report.js'
import { run } from './runner.js'

const HELP = `Usage: npm run bench -- [benchmark ...] [options]

Measures multiproc and its peers side by side: each contender in fresh processes, in turns.

Benchmarks (all, where none is named): ${Object.keys(benchmarks).join(', ')}

  --only TEXT       only contenders whose name contains TEXT; repeatable
  --rounds N        fresh processes for each contender (default 5)
  --quick           one tenth of the work, 3 rounds: for a first look, not for figures
  --json            JSON on stdout instead of tables
  --write FILE      writes the tables as Markdown, too
  --help

Exits with 1 if a target is missed.`

const FULL: Scale = { samples: 5, work: 1 }
const QUICK: Scale = { samples: 3, work: 0.1 }
const PATIENCE_MS = 60_000

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const rounds = roundsOf(values.rounds, values.quick)
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks)
  // All loaded before the first runs: a wrong name shows at once.
  const chosen = await Promise.all(names.map(loadBenchmark))
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new Error('interrupted')))

  const outcomes: Outcome[] = []
  for (const benchmark of chosen) {
    const outcome = await run(benchmark, {
      scale: values.quick ? QUICK : FULL,
      rounds,
      patience: PATIENCE_MS,
      includes: (contender) => values.only.length === 0 || values.only.some((text) => contender.includes(text)),
      onRun: ({ name }, contender, round) => note(`${name}: ${contender}, round ${round + 1} of ${rounds}`),
      signal: stop.signal,
    })
    note('')
    outcomes.push(outcome)
    if (!values.json) console.log(asTables(outcome))
  }
  if (values.json) console.log(asJson(outcomes, rounds))
  if (values.write !== undefined) {
    await writeMarkdown(values.write, outcomes, { rounds, cores: availableParallelism(), quick: values.quick })
  }
  if (!allMet(outcomes)) process.exitCode = 1
}

/** @throws RangeError */
function roundsOf(text: string | undefined, quick: boolean): number {
  if (text === undefined) return quick ? 3 : 5
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`--rounds must be a whole number from 1; got ${text}`)
  return rounds
}

/** What is going on, in one line that the next one replaces; nothing where nobody is looking. */
function note(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`)
}

main().catch((error: unknown) => {
  note('')
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
})
