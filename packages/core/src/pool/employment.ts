import { threadId } from 'node:worker_threads'
import type { Agent } from '../agent.js'
import { ownContext } from '../context.js'
import { unpack } from '../memory/space.js'
import { printDirectly } from '../process/direct-output.js'
import { Slot, Stage } from '../process/family.js'
import { type Identity, identity, setIdentity } from '../process/identity.js'
import type { Payload } from '../process/payload.js'
import { identityOf } from '../process/start-child.js'
import type { Channel } from '../queue/channel.js'
import { loadTarget } from '../target/resolve.js'
import { CELL_BYTES, Cell, finish, isWanted, RECORD_AT } from './cells.js'
import { type Introduction, Reply } from './engine-wire.js'
import { JobRunner } from './job-runner.js'
import { decodeJob, Status } from './wire.js'

const NEVER = new Promise<never>(() => {})

/** A job in hand. */
interface InHand {
  readonly words: Int32Array
  readonly at: number
  /** Has the engine told that it is done, though it is not. */
  letGo: (() => void) | undefined
}

/** A job that has come before the initializer is through. */
interface Waiting {
  readonly packed: number
  readonly ticket: number
  readonly answer: (reply: number | Promise<number>) => void
}

/** One pool's jobs in one worker of an engine. */
export class Employment {
  readonly #agent: Agent
  readonly #runner: JobRunner
  readonly #stage: number
  readonly #initializer: {
    readonly target: Payload['target']
    readonly args: readonly unknown[]
    readonly self: Identity
    readonly unasked: boolean
  }
  /** `undefined` before the initializer is through; `false` where it threw, and when the pool has ended: nothing is run here. */
  #ready: boolean | undefined
  /** What waits for the initializer; `undefined` before it has begun. */
  #waiting: Waiting[] | undefined

  readonly #mostJobs: number
  #taken = 0
  #busy = 0
  /** The cells of the jobs in hand, by ticket: only where there may be several. */
  readonly #inHand: Map<number, InHand> | undefined

  /** @param isOwn whether tasks that use the package's own names are to find this pool's family */
  constructor(agent: Agent, { unasked, payload, owned, concurrency, mostJobs }: Introduction, isOwn: boolean) {
    this.#agent = agent
    this.#stage = agent.slotAt + Slot.stage
    const about = agent.decoder.decode(payload, 0, payload.byteLength) as Payload
    const self = identityOf(agent, { ...about, name: agent.family.nameOf(agent.tag) ?? about.name }, threadId)
    if (owned) printDirectly()
    if (isOwn) {
      setIdentity(self)
      // For tasks that ask for it by name.
      ownContext(agent.backend)
    }
    const [results, initargs] = agent.decoder.decode(about.args, 0, about.args.byteLength) as [Channel, unknown[]]
    this.#mostJobs = mostJobs
    this.#inHand = concurrency > 1 ? new Map() : undefined
    this.#runner = new JobRunner(agent, results, this.#inHand && ((ticket) => this.#onThread(ticket)))
    this.#initializer = { target: about.target, args: initargs, self: identity() ?? self, unasked }
    if (!unasked) this.#runner.tell(Status.introduced)
    if (!about.target) this.#becomeReady()
    else if (unasked) this.#initialize()
  }

  #becomeReady(): void {
    this.#initializer.self.running = true
    // Not where another pool has doomed it.
    Atomics.compareExchange(this.#agent.family.words, this.#stage, Stage.starting, Stage.ready)
    this.#go(true)
  }

  /** @param ready what it is from here on, unless the pool has ended */
  #go(ready: boolean): void {
    this.#ready ??= ready
    for (const { packed, ticket, answer } of this.#waiting?.splice(0) ?? []) answer(this.take(packed, ticket))
  }

  /**
   * Where introductions come when they are asked for, with the first job and for as long as that is in hand: the worker has none of the application's then, if it
   * takes one at a time, and may be ended with the pool.
   */
  #initialize(isNeeded = () => true): void {
    const { words } = this.#agent.family
    if (!this.#initializer.unasked) Atomics.store(words, this.#stage, Stage.initializing)
    // Only between these two is its end this pool's affair: it may have worked for others before, and may never be needed here.
    this.#runner.tell(Status.initializing)
    // After that: whoever has ended the pool takes its jobs back first and looks then who is initializing, so one of the two sees the other.
    if (isNeeded()) {
      this.#waiting = []
      void this.#runInitializer()
    } else if (this.#isThrough()) this.#runner.tell(Status.initialized)
    else this.#waiting = []
  }

  /** `false`: the worker is ended in the middle of the initializer, and tells nobody that it is free. */
  #isThrough(): boolean {
    const { words } = this.#agent.family
    return Atomics.compareExchange(words, this.#stage, Stage.initializing, Stage.ready) !== Stage.doomed
  }

  async #runInitializer(): Promise<void> {
    const { target, args, self } = this.#initializer
    try {
      const initializer = await loadTarget(target as NonNullable<typeof target>)
      self.running = true
      await initializer(...args)
      if (!this.#isThrough()) return
      this.#runner.tell(Status.initialized)
      this.#becomeReady()
    } catch (error) {
      if (!this.#isThrough()) return
      // To the pool, and not to the job: that one has not run.
      this.#runner.fail(0, error)
      this.#runner.tell(Status.initialized)
      this.#go(false)
    }
  }

  /** Gives back the places of jobs that wait for the initializer and were taken back. That one goes on. */
  makeWay(): void {
    const waiting = this.#waiting ?? []
    const wanted = waiting.filter(({ packed, ticket }) => isWanted(this.#agent.space, packed, ticket))
    if (wanted.length === waiting.length) return
    // It may have others' tasks in hand from here on, and is not ended with the pool any more, unless that has just been done.
    if (wanted.length === 0 && !this.#initializer.unasked && !this.#isThrough()) return
    this.#waiting = wanted
    for (const one of waiting) if (!wanted.includes(one)) one.answer(Reply.stale)
  }

  /** The pool has ended. What waits for the initializer is not to hold up others. */
  end(): void {
    this.#ready = false
    this.#go(false)
  }

  /** Whether it has taken as many jobs as it may. */
  get #isLeaving(): boolean {
    return this.#mostJobs !== 0 && this.#taken >= this.#mostJobs
  }

  take(packed: number, ticket: number): number | Promise<number> {
    if (this.#ready !== true) return this.#takeWhenReady(packed, ticket)
    // It ends when what it has in hand is done; this will be handed to another one then.
    if (this.#isLeaving) return NEVER
    const agent = this.#agent
    const { views, offset } = agent.space.at(packed * 8, CELL_BYTES)
    const words = views.i32
    const state = offset / 4 + Cell.state
    if (Atomics.compareExchange(words, state, ticket, ~agent.tag) !== ticket) return Reply.stale
    // After that: whoever dooms this worker looks at the state afterwards, so one of the two sees the other.
    if (Atomics.load(agent.family.words, this.#stage) === Stage.doomed) {
      Atomics.store(words, state, ticket)
      return Reply.refused
    }
    this.#taken++
    this.#busy++
    const inHand: InHand | undefined = this.#inHand && { words, at: offset / 4, letGo: undefined }
    if (inHand) this.#inHand?.set(ticket, inHand)
    const done = () => {
      // It was let go, and the cell may have another job in it.
      if (inHand && this.#inHand?.get(ticket) !== inHand) return Reply.done
      this.#busy--
      this.#inHand?.delete(ticket)
      if (!finish(words, offset / 4, agent.tag)) return NEVER
      if (!this.#isLeaving) return Reply.done
      // Its results are there for the pool to find. Without an answer, the engine gives it nothing more.
      if (this.#busy === 0) process.exit(0)
      return NEVER
    }
    try {
      const pending = this.#run(packed, ticket)
      if (!pending) return done()
      const ended = pending.then(done, (error) => {
        done()
        throw error
      })
      if (!inHand) return ended
      return new Promise((resolve, reject) => {
        inHand.letGo = () => resolve(done())
        ended.then(resolve, reject)
      })
    } catch (error) {
      done()
      throw error
    }
  }

  #takeWhenReady(packed: number, ticket: number): number | Promise<number> {
    if (this.#ready === false) return Reply.done
    const isNeeded = () => isWanted(this.#agent.space, packed, ticket)
    if (!isNeeded()) return Reply.stale
    if (!this.#waiting) this.#initialize(isNeeded)
    const waiting = this.#waiting
    if (!waiting) return Reply.stale
    // Where it had made way before, it is the pool's again.
    if (!this.#initializer.unasked && waiting.length === 0)
      Atomics.compareExchange(this.#agent.family.words, this.#stage, Stage.ready, Stage.initializing)
    return new Promise((answer) => {
      waiting.push({ packed, ticket, answer })
    })
  }

  /** Gives a job's place to others; what it has begun goes on, for nobody. */
  letGo(ticket: number): void {
    const inHand = this.#inHand?.get(ticket)
    if (!inHand?.letGo) return
    this.#runner.letGo(ticket)
    inHand.letGo()
  }

  #onThread(ticket: number | undefined): void {
    for (const [one, { words, at }] of this.#inHand ?? []) Atomics.store(words, at + Cell.onThread, one === ticket ? 1 : 0)
  }

  #run(packed: number, ticket: number): Promise<void> | undefined {
    const { space } = this.#agent
    const cell = space.at(packed * 8, CELL_BYTES)
    const words = cell.views.i32
    const at = cell.offset / 4
    const size = words[at + Cell.size] as number
    const large = words[at + Cell.address] as number
    const { views, offset } = large === 0 ? cell : space.at(unpack(large), size)
    let record: ReturnType<typeof decodeJob>
    try {
      record = decodeJob(this.#agent, views.u8, large === 0 ? offset + RECORD_AT : offset, size)
    } catch (error) {
      this.#runner.fail(ticket, error)
      return undefined
    }
    return this.#runner.run(ticket, record)
  }
}
