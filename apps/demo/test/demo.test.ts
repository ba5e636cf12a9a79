import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type InputFolder, inputFolder } from './input-folder.js'
import { type Ended, ended, runDemo, startDemo } from './run-demo.js'

let input: InputFolder

beforeAll(async () => {
  input = await inputFolder()
})
afterAll(() => input[Symbol.asyncDispose]())

const names = ['processes', 'race', 'lock', 'queue', 'pool', 'words', 'digest', 'primes', 'mandelbrot']

describe('the whole job, as JSON', () => {
  let whole: Ended
  let picture: string
  // biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives; its shape is what is tested
  let report: any

  beforeAll(async () => {
    picture = join(input.path, 'picture.png')
    whole = await runDemo('--json', '--input', input.path, '--output', picture, '--workers', '2')
    report = JSON.parse(whole.stdout)
  })
  const runs = (name: string) => report.runs.filter(({ job }: { job: string }) => job === name)

  test('ends well and prints nothing else', () => {
    expect(whole).toMatchObject({ code: 0, stderr: '' })
    expect(report).toMatchObject({ ok: true, node: process.version, workers: 2, picture })
  })

  test('has run every job serially and on every backend found', () => {
    expect(report.backends).toContain('threads')
    for (const name of names) {
      expect(runs(name).map((run: { backend: string }) => run.backend)).toEqual(['serial', ...report.backends])
    }
  })

  test('says of each run what it gave and how long it took', () => {
    for (const run of report.runs) {
      expect(run).toEqual({
        job: expect.any(String),
        backend: expect.any(String),
        ok: true,
        summary: expect.any(String),
        wallMs: expect.any(Number),
        speedUp: ['words', 'digest', 'primes', 'mandelbrot'].includes(run.job) ? expect.any(Number) : null,
        items: expect.any(Number),
        unit: expect.any(String),
        itemsPerSecond: expect.any(Number),
        lostUpdates: ['race', 'lock', 'mandelbrot'].includes(run.job) ? expect.any(Number) : null,
      })
    }
  })

  test('says which backends it is without, and why', () => {
    expect([...report.backends, ...report.skipped.map(({ backend }: { backend: string }) => backend)].sort()).toEqual([
      'fork',
      'piscina',
      'piscina/tinypool',
      'threads',
    ])
    for (const { backend, reason } of report.skipped) expect(reason).toContain(backend)
  })

  test('counts the files that are asked for, in all folders that are not hidden', () => {
    const { bytes } = input
    expect(report.input).toEqual({ directory: input.path, files: 3, bytes, found: { files: 3, bytes } })
  })

  test('loses updates without a lock, and none with one', () => {
    const [serial, ...parallel] = runs('race')
    expect(serial.lostUpdates).toBe(0)
    for (const run of parallel) {
      expect(run.lostUpdates).toBeGreaterThan(0)
      expect(run.lostUpdates).toBeLessThan(run.items)
    }
    for (const run of [...runs('lock'), ...runs('mandelbrot')]) expect(run.lostUpdates).toBe(0)
  })

  test('gives the right numbers', () => {
    for (const run of runs('words'))
      expect(run).toMatchObject({ items: 4 + 4 + 1000, summary: expect.stringMatching(/: three, größe, /) })
    for (const run of runs('digest')) expect(run.items).toBe(3)
    // https://oeis.org/A006880 has π(10^6) and π(10^7); π(5 × 10^6) is 348,513.
    for (const run of runs('primes')) expect(run.summary).toBe('348,513 primes below 5,000,000')
  })

  test('draws the picture', async () => {
    const { width, height, data } = decode(await readFile(picture))
    expect([width, height]).toEqual([1200, 800])
    const colourAt = (x: number, y: number) => [...data.slice((y * width + x) * 3, (y * width + x) * 3 + 3)]
    // 0 is within the set, and the corner is as far from it as can be.
    expect(colourAt((2.5 / 3.6) * 1200, 400)).toEqual([0, 0, 0])
    expect(colourAt(0, 0)).not.toEqual([0, 0, 0])
  })
})

describe('the flags', () => {
  test('--only names jobs; a table tells of them, without colours or bars where nobody watches', async () => {
    const { code, stdout, stderr } = await runDemo('--only', 'pool', '--only', 'lock', '--backend', 'threads')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/wall time.*speed-up.*items\/s.*lost updates/)
    expect(stdout.match(/\((\w+)\)$/gm)).toEqual(['(lock)', '(pool)'])
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('█')
  })

  test('--help tells of all of them', async () => {
    const { code, stdout } = await runDemo('--help')
    expect(code).toBe(0)
    for (const flag of ['--backend', '--workers', '--input', '--output', '--json', '--only']) expect(stdout).toContain(flag)
  })

  test.each([
    [['--nope'], "unknown option '--nope'"],
    [['--workers', '0'], 'a whole number from 1 to 256'],
    [['--workers', '1.5'], 'a whole number from 1 to 256'],
    [['--only', 'nothing'], 'Allowed choices are lessons, work, processes'],
    [['--backend', 'nothing'], 'Allowed choices are threads'],
    [['--only', 'words', '--input', '/no/such/folder'], "--input must be a directory that exists; got '/no/such/folder'"],
    [['--only', 'mandelbrot', '--output', '/no/such/folder/x.png'], "--output: there is no folder '/no/such/folder'"],
  ])('%j is refused in a line', async (flags, message) => {
    const { code, stdout, stderr } = await runDemo(...flags)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
  })
})

describe('an early end', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with a line and exit code %i', async (signal, code) => {
    const child = startDemo('--only', 'work', '--input', input.path)
    const end = ended(child)
    let heard = ''
    child.stdout?.on('data', (text: string) => {
      heard += text
      if (heard.includes('✔ threads') && !child.killed) child.kill(signal)
    })
    expect(await end).toMatchObject({ code, stderr: `stopped by ${signal}\n` })
    expect(heard).not.toContain('lost updates')
  })

  test('a reader that leaves is no error', async () => {
    const child = startDemo('--only', 'lessons')
    const end = ended(child)
    child.stdout?.once('data', () => child.stdout?.destroy())
    expect(await end).toMatchObject({ code: 0, stderr: '' })
  })
})
