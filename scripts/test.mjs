/**
 * `npm test`: builds everything through turbo (cached), then runs every test of every package in one vitest run, and ends
 * with a line `N passed, N failed`. What follows `--` goes to vitest: `npm test -- --project core lock`.
 *
 * Exits as vitest does; the last line never reads better than the exit code.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { turboSync } from './turbo.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const totalsReporter = fileURLToPath(new URL('totals-reporter.mjs', import.meta.url))

/** Runs vitest once over all projects; the totals stay undefined where it ended before it could report any. */
async function runVitest(args) {
  const command = [vitest, 'run', '--reporter=default', `--reporter=${totalsReporter}`, ...args]
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  let totals
  child.on('message', (message) => {
    totals = message
  })
  const [code] = await once(child, 'close')
  return { code: code ?? 1, totals }
}

const built = turboSync('run', 'build', '--output-logs=errors-only')
const { code, totals } = built === 0 ? await runVitest(process.argv.slice(2)) : { code: built }
const { passed, failed } = totals ?? { passed: 0, failed: 0 }
console.log(`${passed} passed, ${Math.max(failed, code === 0 ? 0 : 1)} failed`)
process.exitCode = code
