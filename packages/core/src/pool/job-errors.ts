import { WorkerDiedError } from '../errors.js'
import { Stage } from '../process/family.js'
import type { End, Offspring } from '../process/offspring.js'
import { relocated } from '../wire/relocated.js'
import type { Failure } from './executor.js'

/** What a task's caller is told when its worker died. */
export function workerDied(worker: Offspring, end: End): WorkerDiedError {
  const cause = end.failed ? { cause: end.error } : undefined
  return new WorkerDiedError(
    `${worker.info.name} (pid ${worker.pid}) ended with exit code ${end.exitCode} ${end.stage === Stage.starting ? 'before it came to work' : 'in the middle of this task'}`,
    end.exitCode,
    worker.pid,
    cause,
  )
}

/** An error about `items[n]` of one job, told in terms of all items of the call. */
export function atItem(error: unknown, start: number): unknown {
  return relocated(error, (path) => path.replace(/^items\[(\d+)\]/, (_, index) => `items[${Number(index) + start}]`))
}

/** The failures of a result, of which index and thrown come in turn. */
export function pairs(flat: readonly unknown[]): Failure[] {
  const failures: Failure[] = []
  for (let n = 0; n < flat.length; n += 2) failures.push({ index: flat[n] as number, thrown: flat[n + 1] })
  return failures
}
