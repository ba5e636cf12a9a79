import type { Skipped } from './backends.js'
import { bold, dim, green, red } from './colour.js'
import type { Run } from './compare.js'
import { count, megabytes } from './format.js'
import type { Input } from './input.js'
import type { Job } from './job.js'
import { table } from './table.js'

/** What is to be done, and on what. */
export interface Setup {
  /** Of Node.js. */
  readonly node: string
  readonly cpus: number
  readonly workers: number
  readonly backends: readonly string[]
  readonly skipped: readonly Skipped[]
  /** Absent where no job reads files. */
  readonly input?: Omit<Input, 'files'> & { readonly files: number }
  /** Where the picture goes; absent where none is drawn. */
  readonly picture?: string
}

/** What came of it. `--json` prints this. */
export interface Report extends Setup {
  readonly ok: boolean
  /** Files that changed meanwhile: then the serial run and the others may rightly differ. */
  readonly changed: readonly string[]
  readonly runs: readonly Run[]
}

/** What people read before it starts. */
export function heading({ node, cpus, workers, backends, skipped, input }: Setup): string {
  const lines = [
    `${bold('multiproc')} on Node.js ${node}, ${cpus} CPUs, ${workers} workers: ${['serial', ...backends].join(', ')}`,
  ]
  for (const { backend, reason } of skipped) lines.push(dim(`without ${backend}: ${reason}`))
  if (input) {
    const all = `${count(input.found.files)} files, ${megabytes(input.found.bytes)}`
    const some = `the first ${count(input.files)} files, ${megabytes(input.bytes)}, of ${all},`
    lines.push(`input: ${input.files === input.found.files ? all : some} of .md, .ts and .js below ${input.directory}`)
  }
  return lines.join('\n')
}

export function section(title: string): string {
  return `\n${bold(title)}`
}

/** What people read when it is over. */
export function ending(jobs: readonly Job[], { ok, picture, changed, runs }: Report): string {
  const lines = ['', table(jobs, runs), '']
  if (picture) lines.push(`The picture is in ${picture}`)
  if (changed.length > 0)
    lines.push(red(`${count(changed.length)} files changed meanwhile, such as ${changed[0]}: run it again.`))
  lines.push(ok ? green('All results equal the serial ones.') : red('Not all went as it should: see the lines marked ✘.'))
  return lines.join('\n')
}
