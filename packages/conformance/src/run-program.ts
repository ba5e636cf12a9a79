import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ProgramOptions {
  readonly args?: readonly string[]
  /** Laid over this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `programs/<name>.js` in a Node of its own and waits for its end and that of its output.
 * @param backend the package that it is to import
 * @param limit ms, after which it is killed and the promise rejects
 */
export function runProgram(backend: string, name: string, limit: number, options: ProgramOptions = {}): Promise<ProgramEnd> {
  const path = fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url))
  const { args = [], env = {} } = options
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CONFORMANCE_BACKEND: backend, ...env },
  })
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    return () => Buffer.concat(chunks).toString()
  }) as [() => string, () => string]
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`program ${name} has not ended in ${limit} ms; it wrote\n${stdout()}\n${stderr()}`))
    }, limit)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout: stdout(), stderr: stderr() })
    })
  })
}
