import { inspect } from 'node:util'

/** Tells on stderr of an uncaught error that ended a process, as Node does of its own. */
export function printFailure(name: string, pid: number | undefined, error: unknown): void {
  process.stderr.write(
    `Uncaught error in ${name} (pid ${pid}):\n${error instanceof Error ? inspect(error) : `Uncaught ${inspect(error)}`}\n`,
  )
}
