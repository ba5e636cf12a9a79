import { constants } from 'node:os'

/**
 * Ctrl-C and `kill` end the program at once, with the exit code that shells expect. `process.exit()` takes all processes of
 * multiproc along, wherever they are.
 * @param tidy runs first: gives the terminal back as it was
 */
export function endOnSignal(tidy: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Not `once`: npm passes on a Ctrl-C that the terminal sends as well, and a second one must not cut the first short.
    process.on(signal, () => {
      tidy()
      process.stderr.write(`stopped by ${signal}\n`)
      process.exit(128 + constants.signals[signal])
    })
  }
}

/** When the reader of our output leaves (`| head`), there is nothing more to do, and nothing to complain about. */
export function endOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(0)
    })
  }
}
