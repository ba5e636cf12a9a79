import { NEXT_SLOT_AT } from '../../src/memory/layout.js'
import { Actor } from './actor.js'
import { type Blocks, holds, keyOf } from './blocks.js'
import type { Compiled } from './compile.js'
import { changed, immediately, onHeap } from './effects.js'
import { Interned, Memories, WORDS } from './memory.js'
import { agentOf, isSure, Kind, kindOf, type Move, moveOf, pickOf } from './move.js'
import { describe, Event, type Operation, Outcome, TICK_MS, Took } from './operation.js'
import type { Look, Scenario } from './scenario.js'
import type { Sharing } from './sharing.js'
import { type Point, Tree } from './tree.js'
import { Violation } from './violation.js'

/**
 * A state: numbers of the memory's content, of the heap's, of the monitor's, what mishaps are left, and three words an agent: its point in its tree, its status, its
 * bell. Equal states are equal arrays.
 */
export type State = Int32Array
const MEMORY = 0
const BLOCKS = 1
const GHOST = 2
const DEATHS_LEFT = 3
const SPURIOUS_LEFT = 4
const TICKS_LEFT = 5
const REST_TICKS = 6
const DIED = 7
/** For bounded search. */
export const RUNNING = 8
export const PREEMPTIONS = 9
const AGENTS = 10
const AGENT_WORDS = 3
const POINT = 0
const STATUS = 1
const BELL = 2

/** `absent`: not called for yet. */
const Status = { ready: 0, asleep: 1, woken: 2, dead: 3, absent: 4 } as const
const Bell = { none: 0, listening: 1, rung: 2 } as const

/** So many ticks in a row that change nothing are taken for a loop that goes on for ever. */
const MOST_REST_TICKS = 16

/** So many steps in a row that no other agent can see, too. */
const MOST_JOINED = 10_000

/** Tags of agents that are in nobody's table: whoever buries the dead, and whoever looks at a state. */
const UNDERTAKER_TAG = 1024 + 512
const LOOKER_TAG = 1024 + 1023

/** How plain accesses to shared memory are treated. */
export type Plain =
  /** Together with the atomic step before them: sound where they do not race. */
  | 'joined'
  /** As steps of their own, and two that conflict and could happen at once are a violation. */
  | 'steps'

/** The rules of the explored world: what can happen in a state, and what it leads to. */
export class World {
  readonly scenario: Scenario
  /** As the scenario prepared it. */
  readonly #prepared: State
  readonly #compiled: Compiled
  readonly plain: Plain
  readonly #trees: Tree[] = []
  readonly #names = new Map<number, string>()
  readonly #memories: Memories
  readonly #heaps = new Interned<Blocks>(keyOf)
  readonly #ghosts = new Interned<readonly number[]>((ghost) => ghost.join())
  readonly #sharing: Sharing
  /** Of each agent that has one. */
  readonly #bellWords: number[] = []
  readonly #workers: number

  /** @param sharing what is known of who touches what; it is added to */
  constructor(compiled: Compiled, scenario: Scenario, plain: Plain, sharing: Sharing) {
    this.scenario = scenario
    this.#sharing = sharing
    this.#compiled = compiled
    this.plain = plain
    const workers = scenario.agents.length
    this.#workers = workers
    const deaths = scenario.mishaps?.deaths ?? 0

    const words = new Int32Array(WORDS)
    const name = (at: number, text: string) => this.#names.set(at, text)
    let blocks: Blocks = []
    const tags: number[] = []
    const answer = (operation: Operation) => {
      const outside = { blocks, ticksLeft: 0, isAlive: () => true }
      const result = immediately(words, outside, operation)
      blocks = outside.blocks
      return result
    }
    const { recorder } = compiled.platform
    recorder.run(answer, () => {
      const { family } = new Actor(compiled, LOOKER_TAG).agent
      const { Slot } = compiled.subject
      for (let agent = 0; agent < workers; agent++) {
        words[NEXT_SLOT_AT] = agent * (scenario.apart ?? 1)
        const tag = family.claim(undefined, 0, 'agent')
        tags.push(tag)
        // What `isAlive` of the memory is asked with.
        words[family.at(tag) + Slot.life] = agent + 1
        this.#bellWords.push(family.at(tag) + Slot.bell)
        const letter = letterOf(agent, workers)
        for (const [field, offset] of Object.entries(Slot)) name(family.at(tag) + offset, `${letter}.${field}`)
      }
      // Who mourns may take locks, and so must be known to be alive.
      for (let agent = workers; scenario.mourn && deaths > 0 && agent < 2 * workers; agent++) {
        words[NEXT_SLOT_AT] = agent * (scenario.apart ?? 1)
        const tag = family.claim(undefined, 0, 'undertaker')
        tags.push(tag)
        words[family.at(tag) + Slot.life] = agent + 1
      }
      scenario.prepare?.(new Actor(compiled, tags[0] as number), name)
    })
    this.#memories = new Memories(words)

    scenario.agents.forEach((programs, agent) => {
      this.#trees.push(new Tree(compiled, tags[agent] as number, programs))
    })
    if (deaths > 0) {
      for (let agent = 0; agent < workers; agent++) {
        const dead = tags[agent] as number
        const bury = (actor: Actor) => {
          actor.agent.family.release(actor.agent, dead)
          scenario.mourn?.(actor)
        }
        this.#trees.push(new Tree(compiled, tags[workers + agent] ?? UNDERTAKER_TAG + agent, [bury]))
      }
    }

    const state: State = new Int32Array(AGENTS + this.#trees.length * AGENT_WORDS)
    state[BLOCKS] = this.#heaps.id(blocks)
    state[GHOST] = this.#ghosts.id(scenario.monitor.initial)
    state[DEATHS_LEFT] = deaths
    state[SPURIOUS_LEFT] = scenario.mishaps?.spurious ?? 0
    state[TICKS_LEFT] = scenario.mishaps?.ticks ?? 0
    for (let agent = 0; agent < this.#trees.length; agent++) {
      state[AGENTS + agent * AGENT_WORDS + STATUS] = agent < workers ? Status.ready : Status.absent
    }
    this.#prepared = state
  }

  /**
   * The first state: each agent is before its first step.
   * @param log as for `apply`
   * @throws Violation
   */
  begin(log?: (agent: string, line: string) => void): State {
    const state = this.#prepared.slice()
    const say = log && ((who: number, line: string) => log(letterOf(who, this.#workers), line))
    for (let agent = 0; agent < this.#workers; agent++) {
      this.#settle(state, agent, say)
      // They have begun to listen to their bells before anything happens.
      if (this.#point(state, agent).next?.do === 'listen') this.apply(state, moveOf(agent, Kind.step, true, 0), log)
    }
    return state
  }

  get points(): number {
    return this.#trees.reduce((sum, tree) => sum + tree.size, 0)
  }

  /** All that can happen next, always in the same order; put into `moves`. @returns whether anything will happen of itself */
  moves(state: State, moves: Move[]): boolean {
    moves.length = 0
    const died = state[DIED] !== 0
    const earlyTicks = died && (state[TICKS_LEFT] as number) > 0
    for (let agent = 0; agent < this.#trees.length; agent++) {
      const status = this.#status(state, agent)
      const next = this.#point(state, agent).next
      if (status === Status.dead || status === Status.absent || next === undefined) continue
      if (status === Status.woken) {
        moves.push(moveOf(agent, Kind.step, true, 0))
        moves.push(moveOf(agent, Kind.late, false, 0))
      } else if (status === Status.asleep) {
        const { ms, left } = next as Extract<Operation, { do: 'wait' }>
        if (left !== Number.POSITIVE_INFINITY) moves.push(moveOf(agent, Kind.timeout, false, 0))
        if (ms < TICK_MS) moves.push(moveOf(agent, Kind.tick, true, 0))
        if ((state[SPURIOUS_LEFT] as number) > 0) moves.push(moveOf(agent, Kind.spurious, false, 0))
        if (earlyTicks && this.#ticks(state, agent)) moves.push(moveOf(agent, Kind.tick, false, 0))
      } else if (next.do === 'poll') {
        if (next.immediate) moves.push(moveOf(agent, Kind.step, true, Event.immediate))
        if (this.#agentWord(state, agent, BELL) === Bell.rung) moves.push(moveOf(agent, Kind.step, true, Event.bell))
        if (next.timer !== 'none') moves.push(moveOf(agent, Kind.step, next.timer === 'soon', Event.timer))
        if (next.interval && earlyTicks) moves.push(moveOf(agent, Kind.tick, false, Event.interval))
        for (const id of next.signals) moves.push(moveOf(agent, Kind.step, false, Event.abort | (id << 3)))
      } else if (next.do === 'notify') {
        for (let way = this.#waysToWake(state, next); way > 0; way--) moves.push(moveOf(agent, Kind.step, true, way - 1))
      } else {
        moves.push(moveOf(agent, Kind.step, true, 0))
        if (next.do === 'wait' && next.left !== Number.POSITIVE_INFINITY && this.#load(state, next.at) !== next.value)
          moves.push(moveOf(agent, Kind.late, false, 0))
      }
      if (this.#mayDie(state, agent)) moves.push(moveOf(agent, Kind.die, false, 0))
    }
    let anySure = false
    for (let m = 0; m < moves.length; m++) if (isSure(moves[m] as Move)) anySure = true
    if (died && !anySure) {
      // Nothing else is going to happen, so the ticks come.
      for (let agent = 0; agent < this.#workers; agent++) {
        if (!this.#ticks(state, agent) || earlyTicks) continue
        moves.push(moveOf(agent, Kind.tick, false, this.#point(state, agent).next?.do === 'poll' ? Event.interval : 0))
      }
    }
    return anySure
  }

  /**
   * Makes a move: changes `state` to what it leads to.
   * @param log is given each operation and its result, as text
   * @throws Violation
   */
  apply(state: State, move: Move, log?: (agent: string, line: string) => void): void {
    const agent = agentOf(move)
    const next = this.#point(state, agent).next as Operation
    const say = log && ((who: number, line: string) => log(letterOf(who, this.#workers), line))
    switch (kindOf(move)) {
      case Kind.die:
        say?.(agent, `DIES before it can ${describe(next, 0, this.#name).replace(/ = 0$/, '')}`)
        return this.#die(state, agent)
      case Kind.timeout:
        return this.#resume(state, agent, Outcome.timedOut | (Took.tooLong << 2), say)
      case Kind.spurious:
        state[SPURIOUS_LEFT] = (state[SPURIOUS_LEFT] as number) - 1
        return this.#resume(state, agent, Outcome.ok | (Took.moment << 2), say)
      case Kind.tick:
        return this.#tick(state, agent, next, say)
      default: {
        const late = kindOf(move) === Kind.late ? Took.tooLong << 2 : 0
        if (this.#status(state, agent) === Status.woken) return this.#resume(state, agent, Outcome.ok | late, say)
        if (next.do !== 'wait' || this.#load(state, next.at) !== next.value) {
          return this.#resume(state, agent, this.#perform(state, agent, next, pickOf(move), say) | late, say)
        }
        this.#sharing.touched(next.at, agent, false)
        if (next.ms > TICK_MS && next.ms > next.left)
          throw new Violation(`sleeps for ${next.ms} ms, with ${next.left} ms left until its deadline`)
        this.#setAgentWord(state, agent, STATUS, Status.asleep)
        say?.(agent, `falls asleep on ${this.#name(next.at)} (${next.value})`)
      }
    }
  }

  /**
   * Checks what must hold in any state.
   * @param anySure as `moves` said
   * @throws Violation
   */
  check(state: State, anySure: boolean): void {
    if (this.plain === 'steps') this.#checkRaces(state)
    if (anySure) return
    const look = this.look(state)
    let ticking = false
    for (let agent = 0; agent < this.#workers; agent++) {
      if (this.#status(state, agent) === Status.dead || this.#point(state, agent).next === undefined) continue
      if (state[DIED] !== 0 && this.#ticks(state, agent)) ticking = true
      else if (!this.scenario.mayWait(look, agent)) {
        throw new Violation(
          `${letterOf(agent, this.#workers)} waits for ever: nobody will wake it, and what it waits for is true`,
        )
      }
    }
    if (ticking) return
    const wrong = this.scenario.atRest?.(look)
    if (wrong !== undefined) throw new Violation(wrong)
  }

  look(state: State): Look {
    const memories = this.#memories
    return {
      get memory() {
        return memories.describe(state[MEMORY] as number)
      },
      load: (at) => this.#load(state, at),
      ghost: this.#ghosts.value(state[GHOST] as number),
      isAlive: (agent) => this.#status(state, agent) !== Status.dead,
      hasEnded: (agent) => this.#point(state, agent).next === undefined,
      ticks: (agent) => this.#ticks(state, agent),
      anyDied: state[DIED] !== 0,
      attempt: (program) => {
        const words = this.#memories.copy(state[MEMORY] as number)
        const outside = {
          blocks: this.#heaps.value(state[BLOCKS] as number),
          ticksLeft: state[DIED] !== 0 ? MOST_REST_TICKS : 0,
          isAlive: (agent: number) => this.#status(state, agent - 1) !== Status.dead,
        }
        try {
          this.#compiled.platform.recorder.run(
            (operation) => immediately(words, outside, operation),
            () => program(new Actor(this.#compiled, LOOKER_TAG)),
          )
        } catch (error) {
          return { refused: error instanceof Error ? error.message : String(error), blocks: outside.blocks.length }
        }
        return { refused: undefined, blocks: outside.blocks.length }
      },
    }
  }

  readonly #name = (at: number): string => this.#names.get(at) ?? `word ${at}`

  /** An agent goes on with the result of its operation, up to its next step. */
  #resume(state: State, agent: number, result: number, say: ((who: number, line: string) => void) | undefined): void {
    const tree = this.#trees[agent] as Tree
    const id = this.#agentWord(state, agent, POINT)
    say?.(agent, describe(tree.point(id).next as Operation, result, this.#name))
    this.#setAgentWord(state, agent, STATUS, Status.ready)
    this.#setAgentWord(state, agent, POINT, tree.after(id, result).id)
    this.#settle(state, agent, say)
  }

  /** Performs what is no step of its own. */
  #settle(state: State, agent: number, say: ((who: number, line: string) => void) | undefined): void {
    for (let joined = 0; ; joined++) {
      const point = this.#point(state, agent)
      if (joined > MOST_JOINED)
        throw new Violation(`${letterOf(agent, this.#workers)} goes on for ever, and nobody else can stop it`)
      if (point.failure !== undefined) throw new Violation(`${letterOf(agent, this.#workers)} ${point.failure}`)
      const { next } = point
      if (next === undefined || !this.#isJoined(state, agent, next)) return
      const result = this.#perform(state, agent, next, 0, say)
      say?.(agent, describe(next, result, this.#name))
      this.#setAgentWord(state, agent, POINT, (this.#trees[agent] as Tree).after(point.id, result).id)
    }
  }

  #isJoined(state: State, agent: number, next: Operation): boolean {
    switch (next.do) {
      case 'note':
        return true
      case 'read':
        if (this.plain === 'joined') return true
        break
      case 'write':
        // A death between two writes leaves the first and not the second. Between two reads it leaves what it leaves before the first.
        if (this.plain === 'joined' && !this.#mayDie(state, agent)) return true
        break
      case 'load':
        break
      case 'store':
      case 'exchange':
      case 'add':
      case 'sub':
      case 'and':
      case 'or':
      case 'xor':
      case 'compareExchange':
        if (this.#mayDie(state, agent)) return false
        break
      default:
        return false
    }
    return !this.#sharing.isShared(next.at)
  }

  #perform(
    state: State,
    agent: number,
    operation: Operation,
    pick: number,
    say: ((who: number, line: string) => void) | undefined,
  ): number {
    const o = operation
    switch (o.do) {
      case 'wait':
        return Outcome.notEqual
      case 'poll':
        if ((pick & 7) === Event.bell) this.#setAgentWord(state, agent, BELL, Bell.none)
        return pick
      case 'note': {
        const ghost = [...this.#ghosts.value(state[GHOST] as number)]
        const wrong = this.scenario.monitor.noted(ghost, agent, o.event, o.value)
        if (wrong !== undefined) throw new Violation(`${letterOf(agent, this.#workers)}: ${wrong}`)
        state[GHOST] = this.#ghosts.id(ghost)
        return 0
      }
      case 'notify': {
        const owner = this.#bellWords.indexOf(o.at)
        if (owner >= 0) {
          let woken = 0
          const listens = this.#agentWord(state, owner, BELL) === Bell.listening && this.#status(state, owner) !== Status.dead
          // Its event loop began to listen before its thread fell asleep.
          if (listens) {
            this.#setAgentWord(state, owner, BELL, Bell.rung)
            woken++
          }
          for (const sleeper of this.#sleepers(state, o.at)) {
            if (woken === o.count) break
            this.#wake(state, sleeper, say)
            woken++
          }
          return woken
        }
        const sleepers = this.#sleepers(state, o.at)
        if (sleepers.length === 0) return 0
        const woken = combinations(sleepers.length, o.count)[pick] as readonly number[]
        for (const index of woken) this.#wake(state, sleepers[index] as number, say)
        return woken.length
      }
      case 'listen': {
        if (this.#load(state, o.at) !== 0) return 0
        this.#setAgentWord(state, agent, BELL, Bell.listening)
        return 1
      }
      case 'alive':
        return this.#status(state, o.agent - 1) === Status.dead ? 0 : 1
      case 'allocate':
      case 'free':
      case 'own': {
        const outside = { blocks: this.#heaps.value(state[BLOCKS] as number), ticksLeft: 0, isAlive: () => true }
        const result = onHeap(outside, o, agent)
        state[BLOCKS] = this.#heaps.id(outside.blocks)
        return result
      }
      default: {
        const { at } = o
        if (!holds(this.#heaps.value(state[BLOCKS] as number), at)) {
          throw new Violation(`${letterOf(agent, this.#workers)} touches ${this.#name(at)}, which is freed memory`)
        }
        this.#sharing.touched(at, agent, o.do !== 'load' && o.do !== 'read')
        const memory = state[MEMORY] as number
        const old = this.#memories.load(memory, at)
        const value = changed(old, o)
        if (value !== old) state[MEMORY] = this.#memories.store(memory, at, value)
        return old
      }
    }
  }

  #waysToWake(state: State, { at, count }: Extract<Operation, { do: 'notify' }>): number {
    const sleepers = this.#sleepers(state, at).length
    return sleepers <= 1 ? 1 : combinations(sleepers, count).length
  }

  #tick(state: State, agent: number, next: Operation, say: ((who: number, line: string) => void) | undefined): void {
    if (!this.#ticks(state, agent)) return this.#resume(state, agent, Outcome.timedOut | (Took.moment << 2), say)
    if ((state[TICKS_LEFT] as number) > 0) state[TICKS_LEFT] = (state[TICKS_LEFT] as number) - 1
    else {
      state[REST_TICKS] = (state[REST_TICKS] as number) + 1
      if ((state[REST_TICKS] as number) > MOST_REST_TICKS)
        throw new Violation('liveness ticks go on for ever without changing anything')
    }
    this.#resume(state, agent, next.do === 'poll' ? Event.interval : Outcome.timedOut, say)
  }

  #wake(state: State, agent: number, say: ((who: number, line: string) => void) | undefined): void {
    const { left } = this.#point(state, agent).next as Extract<Operation, { do: 'wait' }>
    // With a deadline it may come to run only after it.
    if (left !== Number.POSITIVE_INFINITY) this.#setAgentWord(state, agent, STATUS, Status.woken)
    else this.#resume(state, agent, Outcome.ok, say)
  }

  #die(state: State, agent: number): void {
    state[DEATHS_LEFT] = (state[DEATHS_LEFT] as number) - 1
    state[DIED] = 1
    this.#setAgentWord(state, agent, STATUS, Status.dead)
    this.#setAgentWord(state, agent, POINT, 0)
    this.#setAgentWord(state, agent, BELL, Bell.none)
    const ghost = [...this.#ghosts.value(state[GHOST] as number)]
    this.scenario.monitor.died?.(ghost, agent)
    state[GHOST] = this.#ghosts.id(ghost)
    const undertaker = this.#workers + agent
    this.#setAgentWord(state, undertaker, STATUS, Status.ready)
    this.#settle(state, undertaker, undefined)
  }

  #mayDie(state: State, agent: number): boolean {
    if ((state[DEATHS_LEFT] as number) === 0 || agent >= this.#workers) return false
    const { mortal } = this.scenario.mishaps ?? {}
    return mortal === undefined || mortal.includes(agent)
  }

  /** Whether it waits for what it looks at again from time to time. */
  #ticks(state: State, agent: number): boolean {
    const next = this.#point(state, agent).next
    const status = this.#status(state, agent)
    if (status === Status.asleep) return (next as Extract<Operation, { do: 'wait' }>).ms === TICK_MS
    return status === Status.ready && next?.do === 'poll' && next.interval
  }

  #checkRaces(state: State): void {
    for (let a = 0; a < this.#trees.length; a++) {
      const one = this.#access(state, a)
      if (!one) continue
      for (let b = 0; b < a; b++) {
        const other = this.#access(state, b)
        if (!other || other.at !== one.at || !(one.plain || other.plain) || !(one.writes || other.writes)) continue
        throw new Violation(
          `${letterOf(a, this.#workers)} and ${letterOf(b, this.#workers)} race for ${this.#name(one.at)}: one access is plain`,
        )
      }
    }
  }

  #access(state: State, agent: number): { at: number; plain: boolean; writes: boolean } | undefined {
    const { next } = this.#point(state, agent)
    if (next === undefined || this.#status(state, agent) !== Status.ready) return undefined
    switch (next.do) {
      case 'read':
      case 'write':
        return { at: next.at, plain: true, writes: next.do === 'write' }
      case 'load':
      case 'store':
      case 'exchange':
      case 'add':
      case 'sub':
      case 'and':
      case 'or':
      case 'xor':
      case 'compareExchange':
        return { at: next.at, plain: false, writes: next.do !== 'load' }
    }
    return undefined
  }

  #sleepers(state: State, at: number): readonly number[] {
    let sleepers: number[] = NONE
    for (let agent = 0; agent < this.#trees.length; agent++) {
      if (this.#status(state, agent) !== Status.asleep) continue
      if ((this.#point(state, agent).next as Extract<Operation, { do: 'wait' }>).at !== at) continue
      if (sleepers === NONE) sleepers = [agent]
      else sleepers.push(agent)
    }
    return sleepers
  }

  #load(state: State, at: number): number {
    return this.#memories.load(state[MEMORY] as number, at)
  }

  #point(state: State, agent: number): Point {
    return (this.#trees[agent] as Tree).point(this.#agentWord(state, agent, POINT))
  }

  #status(state: State, agent: number): number {
    return this.#agentWord(state, agent, STATUS)
  }

  #agentWord(state: State, agent: number, word: number): number {
    return state[AGENTS + agent * AGENT_WORDS + word] as number
  }

  #setAgentWord(state: State, agent: number, word: number, value: number): void {
    state[AGENTS + agent * AGENT_WORDS + word] = value
  }
}

const NONE: number[] = []

const letterOf = (agent: number, workers: number): string =>
  agent < workers ? String.fromCharCode(65 + agent) : `undertaker of ${String.fromCharCode(65 + agent - workers)}`

/** All ways to choose `count` of `size`; all of them at once where `count` is as much. */
function combinations(size: number, count: number): readonly (readonly number[])[] {
  if (count >= size) return [Array.from({ length: size }, (_, n) => n)]
  if (count === 0) return [[]]
  const ways: number[][] = []
  const extend = (from: number, chosen: number[]): void => {
    if (chosen.length === count) return void ways.push(chosen)
    for (let n = from; n < size; n++) extend(n + 1, [...chosen, n])
  }
  extend(0, [])
  return ways
}
