import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** What JSON tells of a benchmark. */
interface Told {
  readonly name: string
  readonly results: Readonly<Record<string, { readonly rounds?: readonly number[]; readonly failure?: string }>>
}

function bench(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args])
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text) => {
      stdout += text
    })
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Runs benchmarks with little work, once, and gives what they tell. Figures of such a run mean nothing, so targets are not looked at. */
async function told(...args: string[]): Promise<readonly Told[]> {
  const { stdout, stderr } = await bench(...args, '--quick', '--rounds', '1', '--json')
  expect(stderr).toBe('')
  return JSON.parse(stdout).benchmarks
}

function expectFigures(benchmarks: readonly Told[]): void {
  for (const { name, results } of benchmarks) {
    for (const [contender, result] of Object.entries(results)) {
      expect(result, `${name}: ${contender}`).toEqual({ rounds: [expect.any(Number)] })
      expect(result.rounds?.[0], `${name}: ${contender}`).toBeGreaterThan(0)
    }
  }
}

describe('every contender does its work, checks what came of it, and gives a figure', () => {
  test('primitives', async () => {
    const names = ['lock', 'contended-lock', 'value', 'queue-int', 'queue-object', 'queue-1MiB', 'ping-pong', 'process']
    const benchmarks = await told(...names)
    expect(benchmarks.map(({ name }) => name)).toEqual(names)
    expectFigures(benchmarks)
  })

  test('every pool: ours and all peers', async () => {
    const benchmarks = await told('apply-round-trip')
    expect(Object.keys(benchmarks[0]?.results ?? {}).length).toBeGreaterThan(10)
    expectFigures(benchmarks)
  })

  test('our map, and that of one peer', async () => {
    expectFigures(await told('pool-map', 'efficiency', '--only', 'pool.map', '--only', 'workerpool'))
  })

  test('ours on Piscina and Tinypool, and both bare', async () => {
    expectFigures(await told('piscina-apply', 'piscina-map', 'piscina-start'))
  })
})

test('--write writes the tables', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'multiproc-bench-'))
  try {
    const file = join(folder, 'benchmarks.md')
    await told('value', '--only', 'add', '--write', file)
    expect(await readFile(file, 'utf8')).toMatch(/^# Benchmarks\n[\s\S]*\n## Value\n[\s\S]*\| \*\*value\.add\(1\)\*\* \|/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe('wrong arguments', () => {
  test('an unknown benchmark: nothing runs, and the known ones are named', async () => {
    const { code, stderr } = await bench('lokc')
    expect(code).toBe(2)
    expect(stderr).toMatch(/no benchmark is called "lokc"; there are lock, /)
  })

  test('rounds that are no number', async () => {
    const { code, stderr } = await bench('lock', '--rounds', 'many')
    expect(code).toBe(2)
    expect(stderr).toContain('--rounds must be a whole number from 1; got many')
  })
})

test('--help', async () => {
  const { code, stdout } = await bench('--help')
  expect(code).toBe(0)
  expect(stdout).toContain('--write FILE')
})
