import type { Compiled } from './compile.js'
import { agentOf, isDeath, isSure, type Move } from './move.js'
import type { Look, Scenario } from './scenario.js'
import { Sharing } from './sharing.js'
import { Frontier, Seen } from './states.js'
import { Violation } from './violation.js'
import { type Plain, PREEMPTIONS, RUNNING, type State, World } from './world.js'

export interface Exploration {
  /** Different states met. */
  readonly states: number
  /** Steps taken. */
  readonly steps: number
  /** Points of the agents' trees. */
  readonly points: number
  /** Whether all there is was met. */
  readonly complete: boolean
  readonly failure: Failure | undefined
  /** What {@link Limits.observe} gave. */
  readonly observed: ReadonlySet<string>
}

/** A schedule that leads to what must not be. */
export interface Failure {
  readonly message: string
  /** For {@link replay}. */
  readonly seed: string
  /** Its steps, one a line. */
  readonly trace: string
}

export interface Limits {
  readonly plain?: Plain
  /** How many times an agent that could go on may be interrupted; absent: any number of times. */
  readonly preemptions?: number
  /** Give up after so many states. */
  readonly states?: number
  /** Is shown every state. */
  readonly observe?: (look: Look) => string
}

/**
 * Visits every state that any schedule leads to, nearest first, each once: what can happen in a state depends on nothing but the state. So the first
 * schedule found to fail is a shortest one.
 */
export function explore(compiled: Compiled, scenario: Scenario, limits: Limits = {}): Exploration {
  const sharing = new Sharing()
  for (;;) {
    const exploration = search(compiled, scenario, limits, sharing)
    if (!sharing.widened) return exploration
    sharing.widened = false
  }
}

function search(compiled: Compiled, scenario: Scenario, limits: Limits, sharing: Sharing): Exploration {
  const world = new World(compiled, scenario, limits.plain ?? 'joined', sharing)
  const bounded = limits.preemptions !== undefined
  /** How each state was first reached: from which, and by which of its moves. */
  const from: number[] = [-1]
  const by: number[] = [-1]
  const moves: Move[] = []
  const observed = new Set<string>()
  let steps = 0
  const result = (failure: Failure | undefined, complete: boolean): Exploration => ({
    states: from.length,
    steps,
    points: world.points,
    complete,
    failure,
    observed,
  })
  const failed = (message: string, id: number, last: number | undefined): Exploration => {
    const schedule = last === undefined ? [] : [last]
    for (let at = id; at > 0; at = from[at] as number) schedule.push(by[at] as number)
    return result(failureOf(world, sharing, message, schedule.reverse()), false)
  }
  let state: State
  try {
    state = world.begin()
  } catch (error) {
    if (error instanceof Violation) return failed(error.message, 0, undefined)
    throw error
  }
  state[RUNNING] = -1
  state[PREEMPTIONS] = limits.preemptions ?? 0
  const seen = new Seen()
  seen.add(state)
  let frontier = new Frontier(state.length)
  frontier.push(state, 0)
  while (frontier.size > 0) {
    const next = new Frontier(state.length)
    for (let n = 0; n < frontier.size; n++) {
      const id = frontier.ids[n] as number
      let last: number | undefined
      try {
        frontier.copyTo(state, n)
        const anySure = world.moves(state, moves)
        world.check(state, anySure)
        if (limits.observe) observed.add(limits.observe(world.look(state)))
        const running = state[RUNNING] as number
        const interrupts = bounded && running >= 0 && moves.some((move) => agentOf(move) === running && isSure(move))
        for (let m = 0; m < moves.length; m++) {
          const move = moves[m] as Move
          last = m
          if (m > 0) frontier.copyTo(state, n)
          if (bounded && !isDeath(move)) {
            if (interrupts && agentOf(move) !== running && --(state[PREEMPTIONS] as number) < 0) continue
            state[RUNNING] = agentOf(move)
          }
          world.apply(state, move)
          if (sharing.widened) return result(undefined, false)
          steps++
          if (!seen.add(state)) continue
          from.push(id)
          by.push(m)
          next.push(state, from.length - 1)
        }
      } catch (error) {
        if (error instanceof Violation) return failed(error.message, id, last)
        throw error
      }
    }
    if (limits.states !== undefined && from.length > limits.states) return result(undefined, false)
    frontier = next
  }
  return result(undefined, true)
}

/**
 * Runs schedules drawn at random, for what is too large to exhaust.
 * @param runs how many
 * @param seed of the generator; the same seed draws the same schedules
 */
export function exploreAtRandom(compiled: Compiled, scenario: Scenario, runs: number, seed: number): Exploration {
  const sharing = new Sharing()
  let world = new World(compiled, scenario, 'joined', sharing)
  const random = generator(seed)
  const moves: Move[] = []
  let steps = 0
  const done = (failure: Failure | undefined): Exploration => ({
    states: steps,
    steps,
    points: world.points,
    complete: false,
    failure,
    observed: new Set(),
  })
  for (let run = 0; run < runs; run++) {
    const schedule: number[] = []
    try {
      const state = world.begin()
      for (;;) {
        world.check(state, world.moves(state, moves))
        if (moves.length === 0) break
        const pick = Math.floor(random() * moves.length)
        schedule.push(pick)
        world.apply(state, moves[pick] as Move)
        steps++
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      if (!sharing.widened) return done(failureOf(world, sharing, error.message, schedule))
    }
    if (sharing.widened) {
      sharing.widened = false
      world = new World(compiled, scenario, 'joined', sharing)
    }
  }
  return done(undefined)
}

/**
 * Runs one schedule again and tells its steps.
 * @param seed of a {@link Failure} of the same scenario
 */
export function replay(compiled: Compiled, scenario: Scenario, seed: string): string {
  const [plain, shared, schedule] = seed.split(':') as [Plain, string, string]
  return trace(new World(compiled, scenario, plain, Sharing.parse(shared)), schedule)
}

function failureOf(world: World, sharing: Sharing, message: string, schedule: readonly number[]): Failure {
  const picks = schedule.map((pick) => (pick < 36 ? pick.toString(36) : `(${pick})`)).join('')
  return { message, seed: `${world.plain}:${sharing}:${picks}`, trace: trace(world, picks) }
}

function trace(world: World, picks: string): string {
  const lines: string[] = []
  const moves: Move[] = []
  let last = ''
  const log = (agent: string, line: string) => {
    lines.push(`${agent === last ? ' '.repeat(agent.length) : agent}  ${line}`)
    last = agent
  }
  try {
    const state = world.begin(log)
    for (const [, wide, narrow] of picks.matchAll(/\((\d+)\)|(\w)/g)) {
      world.moves(state, moves)
      const move = moves[wide !== undefined ? Number(wide) : Number.parseInt(narrow as string, 36)]
      if (move === undefined) throw new Violation('the seed is of another scenario, or of other source')
      world.apply(state, move, log)
    }
    world.check(state, world.moves(state, moves))
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    lines.push(`✗ ${error.message}`)
  }
  return lines.join('\n')
}

/** Mulberry32 (Tommy Ettinger). */
function generator(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
