import { type SpawnSyncOptions, spawnSync } from 'node:child_process'

/** Runs a program, an ES module given as text, in a Node of its own. */
export function run(program: string, options: SpawnSyncOptions & { readonly before?: readonly string[] } = {}) {
  const { before = [], ...rest } = options
  const [command = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', program]
  const { stdout, stderr, status, signal } = spawnSync(command, args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: 50_000,
    ...rest,
  })
  return { stdout: String(stdout), stderr: String(stderr), end: signal ?? status }
}
