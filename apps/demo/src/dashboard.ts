import type { Progress } from '@multiproc/core'
import { Presets, SingleBar } from 'cli-progress'
import { known } from './backends.js'
import { bold, dim, green, red } from './colour.js'
import type { Audience, Run } from './compare.js'
import { duration } from './format.js'
import type { Job } from './job.js'

const NAME_WIDTH = Math.max(...known.map((name) => name.length))
const TIME_WIDTH = 8

/** Tells what happens as it happens: a paragraph for each job, a line for each run, a bar while one is under way. */
export class Dashboard implements Audience {
  readonly #bar = new SingleBar(
    {
      format: `    {backend} {bar} {percentage} %  {elapsed}`,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
      barsize: 40,
      fps: 20,
      formatValue: (value, _, type) => (type === 'percentage' ? String(value).padStart(3) : String(value)),
    },
    Presets.shades_classic,
  )
  readonly #bars: boolean
  #startedAt = 0
  #backend = ''

  /** @param bars whether someone watches; a bar in a file is noise */
  constructor(bars: boolean) {
    this.#bars = bars
  }

  jobStarts(job: Job): void {
    console.log(`\n  ${bold(job.title)} ${dim(`(${job.name})`)}\n  ${job.about}`)
  }

  runStarts(backend: string): void {
    this.#backend = backend.padEnd(NAME_WIDTH)
    this.#startedAt = performance.now()
  }

  progress({ done, total }: Progress): void {
    if (!this.#bars) return
    const payload = { backend: this.#backend, elapsed: duration(performance.now() - this.#startedAt) }
    if (this.#bar.isActive) this.#bar.update(done, payload)
    else this.#bar.start(total, done, payload)
  }

  runEnds(run: Run): void {
    this.stop()
    const mark = run.ok ? green('✔') : red('✘')
    const time = duration(run.wallMs).padStart(TIME_WIDTH)
    console.log(`  ${mark} ${run.backend.padEnd(NAME_WIDTH)} ${dim(time)}  ${run.ok ? run.summary : red(run.summary)}`)
  }

  /** Takes the bar away and gives the cursor back. */
  stop(): void {
    if (this.#bar.isActive) this.#bar.stop()
  }
}

/** For `--json`, where the report is all that is printed. */
export const nobody: Audience = { jobStarts() {}, runStarts() {}, progress() {}, runEnds() {} }
