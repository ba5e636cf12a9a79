import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { keepAwake } from './awake.js'
import type { Benchmark, Outcome, Result, Scale } from './benchmark.js'
import { median } from './statistics.js'

export interface Plan {
  readonly scale: Scale
  /** Fresh processes for each contender. */
  readonly rounds: number
  /** ms after which a contender's process counts as hanging. */
  readonly patience: number
  /** Which contenders run. */
  readonly includes: (contender: string) => boolean
  /** Told before each process starts. */
  readonly onRun?: (benchmark: Benchmark, contender: string, round: number) => void
  /** Ends everything at once. */
  readonly signal: AbortSignal
}

/**
 * Runs every contender of a benchmark in rounds, each time in a fresh process: in each round all have their turn, so that a machine that slows down does so
 * for everybody, and each round starts with another, so that nobody always runs behind the same neighbour.
 * @throws the signal's reason
 */
export async function run(benchmark: Benchmark, plan: Plan): Promise<Outcome> {
  const names = Object.keys(benchmark.contenders).filter(plan.includes)
  const figures = new Map(names.map((name) => [name, [] as number[]]))
  const failures = new Map<string, string>()
  const letSleep = benchmark.awake ? keepAwake() : undefined
  try {
    for (let round = 0; round < plan.rounds; round++) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round) % names.length] as string
        // Whoever failed once is not worth the time of another round.
        if (failures.has(name)) continue
        plan.onRun?.(benchmark, name, round)
        const result = await runOnce(benchmark.name, name, plan)
        if (typeof result === 'string') failures.set(name, result)
        else figures.get(name)?.push(result)
      }
    }
  } finally {
    letSleep?.()
  }
  const resultOf = (name: string): Result => {
    const failure = failures.get(name)
    return failure === undefined ? { rounds: figures.get(name) ?? [] } : { failure }
  }
  return { benchmark, results: new Map(names.map((name) => [name, resultOf(name)])) }
}

/** The median of what one process measured, or why it gave nothing. */
function runOnce(benchmark: string, contender: string, plan: Plan): Promise<number | string> {
  plan.signal.throwIfAborted()
  const script = fileURLToPath(new URL('./contender.js', import.meta.url))
  const child = spawn(process.execPath, ['--no-warnings', script, benchmark, contender, JSON.stringify(plan.scale)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  return new Promise((resolve, reject) => {
    const kill = () => child.kill('SIGKILL')
    const timer = setTimeout(kill, plan.patience)
    plan.signal.addEventListener('abort', kill, { once: true })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      plan.signal.removeEventListener('abort', kill)
      if (plan.signal.aborted) reject(plan.signal.reason)
      else if (signal === 'SIGKILL') resolve(`no result in ${plan.patience / 1000} s`)
      else if (code !== 0) resolve(reasonIn(complaint) ?? `exit code ${code}`)
      else resolve(median(JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as number[]))
    })
  })
}

/** The first line that names an error. */
function reasonIn(complaint: string): string | undefined {
  return complaint.split('\n').find((line) => /^\w*Error\b/.test(line))
}
