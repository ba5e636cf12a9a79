import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Outcome } from './benchmark.js'
import { judgementsOf, lineOf, rowsOf } from './report.js'

export interface Circumstances {
  readonly rounds: number
  readonly cores: number
  readonly quick: boolean
}

const LIBRARIES = ['piscina', 'tinypool', 'workerpool', 'poolifier', 'jest-worker', 'threads']

/** Writes all tables into a Markdown file, with what a reader needs to judge them, and nothing that names the machine. */
export async function writeMarkdown(file: string, outcomes: readonly Outcome[], circumstances: Circumstances): Promise<void> {
  await writeFile(file, asMarkdown(outcomes, circumstances))
}

export function asMarkdown(outcomes: readonly Outcome[], { rounds, cores, quick }: Circumstances): string {
  const versions = LIBRARIES.map((name) => `${name} ${versionOf(name)}`).join(', ')
  return `# Benchmarks

<!-- Written by \`npm run bench -- --write docs/benchmarks.md\`; do not edit. -->

multiproc and its peers in one run on one machine: Node ${process.versions.node} on ${process.platform} ${process.arch}, ${cores} cores, worker threads unless it
says processes. ${versions}.

Every contender runs in a fresh process, ${rounds} times, in turns with the others${quick ? ', with a tenth of the usual work' : ''}. A process warms up, measures
several times and gives its median. A table shows the median of these, the lowest and the highest, and how many times ours it is: the median
of the ratios round by round, so that a machine that was slow in one round was slow for both. Figures do not carry to another machine;
ratios do, roughly. How each is measured is in [apps/bench](../apps/bench/src/benchmarks).

${outcomes.map(sectionOf).join('\n')}`
}

function sectionOf(outcome: Outcome): string {
  const { benchmark } = outcome
  const rows = rowsOf(outcome).map(({ contender, median, spread, ratio }) => {
    const name = contender === benchmark.ours ? `**${contender}**` : contender
    return `| ${name} | ${median} | ${spread} | ${ratio} |`
  })
  const targets = judgementsOf(outcome).map((judgement) => `- ${lineOf(judgement)}`)
  return `## ${benchmark.title}

${benchmark.measures} ${benchmark.better === 'lower' ? 'Lower' : 'Higher'} is better. \`npm run bench -- ${benchmark.name}\`

| contender | median | lowest … highest | ÷ ours |
|---|--:|--:|--:|
${rows.join('\n')}
${targets.length > 0 ? `\n${targets.join('\n')}\n` : ''}`
}

function versionOf(library: string): string {
  // Not through `require('name/package.json')`, which most libraries' exports forbid.
  const require = createRequire(import.meta.url)
  for (const folder of require.resolve.paths(library) ?? []) {
    try {
      return (require(`${folder}/${library}/package.json`) as { version: string }).version
    } catch {}
  }
  return '(unknown version)'
}
