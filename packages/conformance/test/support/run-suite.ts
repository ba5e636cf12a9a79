import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How one test of a suite went. */
export interface Outcome {
  readonly part: string
  readonly title: string
  readonly passed: boolean
  readonly messages: string
}

interface Report {
  readonly testResults: readonly {
    readonly message?: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/**
 * Runs the fixture suite in a vitest of its own.
 * @param titles of the tests to run
 * @param env what `fixtures/broken.test.ts` reads
 */
export async function runSuite(titles: readonly string[], env: Record<string, string>): Promise<Outcome[]> {
  const pattern = titles.map((title) => `(${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`).join('|')
  const args = [vitest, 'run', '--root', fixtures, '--reporter=json', '--testNamePattern', pattern]
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  const child = spawn(process.execPath, args, {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text))
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  const json = output.stdout.split('\n').find((line) => line.startsWith('{'))
  if (json === undefined) throw new Error(`vitest gave no report:\n${output.stdout}\n${output.stderr}`)
  const outcomes = (JSON.parse(json) as Report).testResults.flatMap((file) => {
    if (file.message) throw new Error(`the fixture suite did not run: ${file.message}`)
    return file.assertionResults
  })
  return outcomes
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ ancestorTitles, title, status, failureMessages }) => {
      return { part: ancestorTitles[1] ?? '', title, passed: status === 'passed', messages: failureMessages.join('\n') }
    })
}
