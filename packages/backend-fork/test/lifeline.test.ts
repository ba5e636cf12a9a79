import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run } from './support/run.js'

/** Keeps a process from ever coming to its first line. */
const BUSY = fileURLToPath(new URL('./fixtures/busy.cjs', import.meta.url))

function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test.for([
  ['SIGKILL', 'process.kill(process.pid, "SIGKILL")', 'SIGKILL'],
  ['process.exit()', 'process.exit(0)', 0],
  ['an uncaught error', 'throw new Error("of the parent")', 1],
] as const)('children that have not come to run end with their parent: %s', async ([, end, code]) => {
  const program = `
    import { createContext, fork } from '@multiproc/backend-fork'
    import { writeSync } from 'node:fs'
    const mp = createContext(fork({ execArgv: ['--require', ${JSON.stringify(BUSY)}], stdio: 'ignore' }))
    for (const daemon of [true, false]) writeSync(1, new mp.Process({ target: () => {}, daemon }).start().pid + ' ')
    setTimeout(() => { ${end} }, 100)`
  const { stdout, end: ended } = run(program)
  expect(ended).toBe(code)
  const pids = stdout.trim().split(' ').map(Number)
  expect(pids.every((pid) => pid > 0)).toBe(true)
  const deadline = performance.now() + 1000
  while (pids.some(lives) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
  const left = pids.filter(lives)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  expect(left).toEqual([])
})
