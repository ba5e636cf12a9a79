import { subscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import type { LogAgent, LogMessages } from '../contracts/log.js'

/** What is said of each event, behind when, who and which. */
const details: { readonly [N in keyof LogMessages]: (message: LogMessages[N]) => readonly string[] } = {
  'multiproc:process:start': ({ process, role, daemon }) => [named(process), role, ...(daemon ? ['daemon'] : [])],
  'multiproc:process:exit': ({ process, role, exitCode, failed, error }) => [
    named(process),
    role,
    `exit code ${exitCode}`,
    ...(failed ? [thrown(error)] : []),
  ],
  'multiproc:task:start': ({ target, id }) => [`#${id}`, target],
  'multiproc:task:end': ({ target, id, duration, failed, error }) => [
    `#${id}`,
    target,
    `${duration.toFixed(3)} ms`,
    ...(failed ? [thrown(error)] : []),
  ],
  'multiproc:worker:replaced': ({ worker, exitCode, successor }) => [
    named(worker),
    `exit code ${exitCode}`,
    `by ${named(successor)}`,
  ],
  'multiproc:owner:died': ({ owner, object, recovered }) => [
    owner ?? '(unknown)',
    `held ${object === 'RLock' ? 'an' : 'a'} ${object}`,
    ...(recovered ? ['recovered'] : []),
  ],
}

const PRINTS = Symbol.for('multiproc.debug')

/** Prints every event of this agent to stderr, a line each: time, agent, pid, event, details. Once, however many copies of this package there are. */
export function printEvents(): void {
  const globals = globalThis as { [PRINTS]?: boolean }
  if (globals[PRINTS]) return
  globals[PRINTS] = true
  for (const name of Object.keys(details) as (keyof LogMessages)[]) {
    subscribe(name, (message) => {
      process.stderr.write(lineOf(name, message as never))
    })
  }
}

function lineOf<N extends keyof LogMessages>(name: N, message: LogMessages[N]): string {
  const event = name.slice('multiproc:'.length)
  const parts = [new Date().toISOString(), named(message.agent), event, ...details[name](message)]
  // A name may hold anything, and grep and sort want a line to be one.
  return `${parts.join(' ').replace(/\s+/g, ' ')}\n`
}

function named({ name, pid }: LogAgent): string {
  return `${name} ${pid}`
}

/** What was thrown, in a few words. Never throws itself. */
function thrown(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : `thrown ${inspect(error, { depth: 0 })}`
  } catch {
    return 'an error that cannot be shown'
  }
}

// Anything but these asks for it, as Node's own NODE_DEBUG_* flags have it.
if (!['', '0', 'false', undefined].includes(process.env.MULTIPROC_DEBUG)) printEvents()
