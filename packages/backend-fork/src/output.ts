import { closeSync, fstatSync } from 'node:fs'
import { PipedOutput } from './piped-output.js'
import { system } from './system.js'

/** Where stdout or stderr of one child goes, in its parent's eyes. */
export interface Output {
  /** What `spawn` is to give the child. */
  readonly given: 'ignore' | 'inherit' | number
  /** The child has it, */
  started(): void
  /** or has not been started. */
  abandoned(): void
  /** Takes what the child has printed so far; without the event loop. */
  take(): void
  /** Whether what is still to come keeps this process alive. */
  hold(pending: boolean): void
  /** The child has ended. */
  ended(): void
}

type Name = 'stdout' | 'stderr'

const nothing = () => {}
const IGNORED: Output = {
  given: 'ignore',
  started: nothing,
  abandoned: nothing,
  take: nothing,
  hold: nothing,
  ended: nothing,
}

/** Both outputs of a child to be started. */
export function outputsOf(stdio: 'inherit' | 'pipe' | 'ignore'): readonly [Output, Output] {
  const make = { inherit: inherited, pipe: (name: Name) => new PipedOutput(name), ignore: () => IGNORED }[stdio]
  const stdout = make('stdout')
  try {
    return [stdout, make('stderr')]
  } catch (error) {
    stdout.abandoned()
    throw error
  }
}

/**
 * This process's own. Whether writing to it blocks is a property of what is open, not of the descriptor, so that whoever inherits a descriptor changes it for all: `spawn`
 * clears the flag, and Node restores at its end what it found at its start. So a child gets a pipe opened anew; what cannot be opened anew, a socket, is set right
 * after each of these.
 */
function inherited(name: Name): Output {
  const fd = name === 'stdout' ? 1 : 2
  const kind = fileOf(fd)
  if (kind?.isFIFO()) {
    const own = system().reopenPipe(fd)
    if (own !== undefined) return { ...IGNORED, given: own, started: () => closeSync(own), abandoned: () => closeSync(own) }
  } else if (!kind?.isSocket()) return { ...IGNORED, given: 'inherit' }
  // Opened before the child is: what it finds is what it will leave.
  void process[name]
  const blocks = system().blocks(fd)
  const restore = () => system().setBlocking(fd, blocks)
  return { ...IGNORED, given: 'inherit', started: restore, abandoned: restore, ended: restore }
}

function fileOf(fd: number) {
  try {
    // As bigint: see `inodeOf` in `linux.ts`.
    return fstatSync(fd, { bigint: true })
  } catch {
    return undefined
  }
}
