import Table from 'cli-table3'
import { bold, dim, red, yellow } from './colour.js'
import type { Run } from './compare.js'
import { brief, count, duration } from './format.js'
import type { Job } from './job.js'

/** All runs, a line each; those of a job together. */
export function table(jobs: readonly Job[], runs: readonly Run[]): string {
  const table = new Table({
    head: ['', 'backend', 'wall time', 'speed-up', 'items/s', 'lost updates'].map(bold),
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
    chars: noSides,
  })
  for (const job of jobs) {
    const own = runs.filter((run) => run.job === job.name)
    table.push(...own.map((run, n) => [n === 0 ? job.title : '', ...cells(run)]))
  }
  return table.toString()
}

function cells(run: Run): string[] {
  const backend = run.ok ? run.backend : red(`${run.backend} ✘`)
  if (run.items === 0) return [backend, duration(run.wallMs), none, none, none]
  return [
    backend,
    duration(run.wallMs),
    run.speedUp === null ? none : `${run.speedUp.toFixed(2)} ×`,
    `${brief(run.itemsPerSecond)} ${run.unit}`,
    run.lostUpdates === null ? none : lost(run.lostUpdates, run.items),
  ]
}

function lost(updates: number, of: number): string {
  return updates === 0 ? '0' : yellow(`${count(updates)} of ${count(of)}`)
}

const none = dim('–')

const noSides = {
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
  'top-left': '',
  'top-right': '',
  'bottom-left': '',
  'bottom-right': '',
}
