import { readdirSync, readFileSync } from 'node:fs'

/** Processes as the operating system sees them. What only Linux tells is empty elsewhere. */

/** Whether a process runs. One that has ended and that nobody has asked about yet (a zombie) does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const state = stateOf(pid)
  return state !== 'Z' && state !== 'X'
}

/** SIGKILL by the system's own means, so that nobody but the system knows of it. One that has ended is left in peace. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Every running process in whose environment this is: also those that nobody's children are any more. */
export function runningWith(variable: string, value: string): number[] {
  const wanted = `\0${variable}=${value}\0`
  return pidsOfAll().filter((pid) => `\0${read(`/proc/${pid}/environ`)}\0`.includes(wanted) && isRunning(pid))
}

/** Children of this process that have ended without its having taken notice. */
export function zombies(): number[] {
  return pidsOfAll().filter((pid) => {
    const [state, parent] = statOf(pid)
    return state === 'Z' && Number(parent) === process.pid
  })
}

/** How many descriptors this process has open. */
export function openDescriptors(): number {
  return list('/proc/self/fd').length
}

/** How many ranges of its address space this process shares with others by way of a file that has no name. */
export function mappedSegments(): number {
  return read('/proc/self/maps')
    .split('\n')
    .filter((line) => /^\S+ ...s .*\/memfd:/.test(line)).length
}

function stateOf(pid: number): string | undefined {
  return statOf(pid)[0]
}

/** State, parent and so on. In front of them is the command's name, which may hold anything. */
function statOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function pidsOfAll(): number[] {
  return list('/proc').map(Number).filter(Number.isInteger)
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
