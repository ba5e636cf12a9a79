import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Keeps every CPU out of idle by a loop of the lowest scheduling class, which gives way to whatever else wants to run. Where the system has no such class,
 * nothing happens.
 * @returns ends the loops
 */
export function keepAwake(): () => void {
  if (!hasIdleClass()) return () => {}
  // By the shell that `exec` replaces: the pid is that of the loop itself.
  const spinners = Array.from({ length: availableParallelism() }, (_, cpu) =>
    spawn('taskset', ['-c', String(cpu), 'chrt', '-i', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }),
  )
  const end = () => endAll(spinners)
  process.once('exit', end)
  return () => {
    process.off('exit', end)
    end()
  }
}

function endAll(spinners: readonly ChildProcess[]): void {
  for (const spinner of spinners) spinner.kill('SIGKILL')
}

function hasIdleClass(): boolean {
  try {
    execFileSync('taskset', ['-c', '0', 'chrt', '-i', '0', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
