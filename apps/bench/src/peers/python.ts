import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Contender } from '../benchmark.js'

const SCRIPT = fileURLToPath(new URL('../../python/bench.py', import.meta.url))

/**
 * Python 3's multiprocessing, where it is installed.
 * @param count of what one figure is made of, in a full run
 */
export function python(name: string, count: number): Contender {
  return async ({ samples, work }) => {
    const args = [SCRIPT, name, String(Math.max(1000, Math.round(count * work))), String(samples)]
    const { stdout } = await promisify(execFile)('python3', args)
    return JSON.parse(stdout) as number[]
  }
}
