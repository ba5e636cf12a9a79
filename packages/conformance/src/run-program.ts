import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Limit } from './support/hang.js'

export interface ProgramOptions {
  readonly args?: readonly string[]
  /** Laid over this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** It leads a process group of its own, which signals can be sent to as a terminal does. */
  readonly group?: boolean
  /** What a shell's `ulimit` is to limit it to: `'-n 64'`. */
  readonly limits?: readonly string[]
  /** Its stdout goes through a pipe of the shell's, as in `program | cat`; otherwise Node's kind of pipe, which is a socket. */
  readonly piped?: boolean
  /** Nobody reads its stdout until this is on stderr. */
  readonly readOnce?: string
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A program that runs. */
export interface RunningProgram {
  readonly pid: number
  /** The next line that it prints; rejects where it ends before. */
  line(): Promise<string>
  /** Its end, and that of its output: so also the end of whoever inherited that. */
  readonly end: Promise<ProgramEnd>
}

/**
 * Runs `programs/<name>.js` in a Node of its own and waits for its end and that of its output.
 * @param backend the package that it is to import
 * @param limit ms, after which it is killed and the promise rejects
 */
export function runProgram(backend: string, name: string, limit: number, options: ProgramOptions = {}): Promise<ProgramEnd> {
  return startProgram(backend, name, limit, options).end
}

/** As {@link runProgram}, for those who want something of it while it runs. */
export function startProgram(backend: string, name: string, limit: number, options: ProgramOptions = {}): RunningProgram {
  const { args = [], env = {}, group = false, limits = [], piped = false, readOnce } = options
  const node = [process.execPath, fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url)), ...args]
  const run = piped ? '"$@" | cat' : 'exec "$@"'
  const byShell = ['sh', '-c', `${limits.map((one) => `ulimit ${one} && `).join('')}${run}`, 'sh', ...node]
  const [command, ...rest] = limits.length > 0 || piped ? byShell : node
  const child = spawn(command as string, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CONFORMANCE_BACKEND: backend, ...env },
    detached: group,
  })
  const printed = { stdout: '', stderr: '' }
  let ended = false
  let taken = 0
  /** Called when there is more to see. */
  let look = () => {}
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
      if (readOnce !== undefined && printed.stderr.includes(readOnce)) child.stdout.resume()
      look()
    })
  }
  if (readOnce !== undefined) child.stdout.pause()
  const end = new Promise<ProgramEnd>((resolve, reject) => {
    const time = new Limit(limit)
    const stop = time.onOver(() => {
      child.kill('SIGKILL')
      reject(new Error(`program ${name} has not ended in ${time}; it wrote\n${printed.stdout}\n${printed.stderr}`))
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      stop()
      ended = true
      look()
      resolve({ code, signal, ...printed })
    })
  })
  const line = () =>
    new Promise<string>((resolve, reject) => {
      look = () => {
        const at = printed.stdout.indexOf('\n', taken)
        if (at < 0 && !ended) return
        look = () => {}
        if (at < 0) return reject(new Error(`program ${name} has ended before it printed a line; on stderr:\n${printed.stderr}`))
        const text = printed.stdout.slice(taken, at)
        taken = at + 1
        resolve(text)
      }
      look()
    })
  return { pid: child.pid as number, line, end }
}
