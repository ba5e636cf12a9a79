import { readFileSync, readlinkSync } from 'node:fs'

/**
 * How one thread of this process tells whether another still runs, without either's event loop: Linux lists the threads of a process
 * under `/proc/self/task`. A thread is named by its id and its start time (clock ticks since boot, field 22 of `stat`), because ids are used again.
 * Elsewhere nothing of the kind exists; then the `exit` event, on its starter's event loop, is the only witness.
 */

/** This thread's id and start time; zeros where the platform cannot tell. */
export function announceThread(): readonly [number, number] {
  try {
    const id = Number(readlinkSync('/proc/thread-self').split('/').pop())
    return [id, startTime(id) ?? 0]
  } catch {
    return [0, 0]
  }
}

/** Whether that thread still runs; `undefined` where the platform cannot tell. */
export function threadLives(id: number, started: number): boolean | undefined {
  if (id === 0) return undefined
  return startTime(id) === started
}

/** Whether {@link threadLives} ever knows on this platform. */
export const threadsAreVisible: boolean = announceThread()[0] !== 0

function startTime(id: number): number | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/self/task/${id}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The second field is the thread's name in parentheses and may hold anything, so count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[19]) | 0
}
