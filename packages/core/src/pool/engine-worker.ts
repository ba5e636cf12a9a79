import { parentPort, threadId } from 'node:worker_threads'
import type { Agent } from '../agent.js'
import type { Backend } from '../backend.js'
import { ownContext } from '../context.js'
import { NotSupportedError } from '../errors.js'
import { SabMemory } from '../memory/sab-memory.js'
import { Space, unpack } from '../memory/space.js'
import { printDirectly } from '../process/direct-output.js'
import { Family, Slot, Stage } from '../process/family.js'
import { type Identity, identity, setIdentity } from '../process/identity.js'
import type { Payload } from '../process/payload.js'
import { identityOf, joinFamily, type Member } from '../process/start-child.js'
import type { Channel } from '../queue/channel.js'
import { loadTarget } from '../target/resolve.js'
import { CELL_BYTES, Cell, RECORD_AT } from './cells.js'
import { INTRODUCTION, type Introduction, type JobMessage, LETTING_GO, type LettingGo, Reply } from './engine-wire.js'
import { JobRunner } from './job-runner.js'
import { decodeJob, Status } from './wire.js'

/** What a worker of an engine is in one family. */
interface Membership extends Member {
  readonly pools: Set<number>
}

/**
 * What an engine is to call in its workers. One worker may serve pools of several families.
 * @param backendOf makes the worker's own backend of `Engine.options`
 * @param expected whether introductions come unasked: `Engine.introduces` is `at-start`
 * @returns the function that takes each message of `Engine.run`
 */
export function engineHandler(backendOf: (options: unknown) => Backend, expected: boolean): (message: unknown) => unknown {
  if (!parentPort) {
    return () => {
      throw new NotSupportedError(
        'the engine runs its tasks outside worker threads, where the memory of its pools cannot be seen',
      )
    }
  }
  const pools = new Map<number, Employment>()
  const memberships = new Map<number, Membership>()
  /** Pools that are not known yet, with their jobs that wait for that: only where introductions come unasked. */
  const unknown = new Map<number, (() => void)[]>()

  /** Those whom the family does not know any more have nothing to do there. */
  const leaveOld = () => {
    for (const [number, { agent, end, pools: own }] of memberships) {
      if (agent.family.has(agent.tag)) continue
      end.leave()
      agent.close()
      memberships.delete(number)
      for (const pool of own) pools.delete(pool)
    }
  }

  const meet = (introduction: Introduction) => {
    const { pool, family } = introduction
    if (pools.has(pool)) return
    leaveOld()
    let membership = memberships.get(family)
    if (!membership) {
      const memory = SabMemory.attach(introduction.segments)
      const tag = new Family(new Space(memory)).expected(threadId)
      // It was let go again before it came.
      if (tag === 0) return
      membership = { ...joinFamily(backendOf(introduction.options), memory, tag, threadId), pools: new Set() }
      memberships.set(family, membership)
    }
    membership.pools.add(pool)
    pools.set(pool, new Employment(membership.agent, introduction))
    const jobs = unknown.get(pool)
    unknown.delete(pool)
    for (const goOn of jobs ?? []) goOn()
  }

  /**
   * Waits for a pool to be introduced. In an application's worker not longer than the event loop takes to show what has come: the pool may be gone, and others need
   * the worker.
   */
  const introduced = (pool: number) =>
    new Promise<void>((resolve) => {
      const jobs = unknown.get(pool) ?? []
      unknown.set(pool, jobs)
      if (expected) jobs.push(resolve)
      else setImmediate(resolve)
    })

  // The others are for other copies of this package, or for the same one as it runs elsewhere in this worker.
  const isForUs = ({ unasked, pool }: Introduction) => (unasked ? expected : unknown.has(pool))
  listen((word) => {
    if (word.kind === LETTING_GO) pools.get(word.pool)?.letGo(word.ticket)
    else if (isForUs(word)) meet(word)
  })
  return (message) => {
    const [pool, cell, ticket, introduction] = message as JobMessage
    if (introduction) meet(introduction)
    const known = pools.get(pool)
    if (known) return known.take(cell, ticket)
    if (pool === 0) return Reply.done
    return introduced(pool).then(() => pools.get(pool)?.take(cell, ticket) ?? -threadId)
  }
}

type Word = Introduction | LettingGo

const LISTENERS = Symbol.for('multiproc.introductions')

/**
 * What is said to a worker, and not asked of it, comes on the thread's own port. The engine has had its one message there, and would take whatever comes for another one; so its listener makes room.
 * A worker may hold several copies of this package, which share what comes.
 */
function listen(onWord: (word: Word) => void): void {
  const globals = globalThis as { [LISTENERS]?: ((word: Word) => void)[] }
  if (globals[LISTENERS]) return void globals[LISTENERS].push(onWord)
  const listeners = [onWord]
  globals[LISTENERS] = listeners
  parentPort?.removeAllListeners('message')
  parentPort?.on('message', (message: unknown) => {
    const kind = (message as Word | null)?.kind
    if (kind === INTRODUCTION || kind === LETTING_GO) for (const one of listeners) one(message as Word)
  })
}

const NEVER = new Promise<never>(() => {})

/** A job in hand. */
interface InHand {
  readonly words: Int32Array
  readonly at: number
  /** Has the engine told that it is done, though it is not. */
  letGo: (() => void) | undefined
}

/** One pool's jobs in one worker. */
class Employment {
  readonly #agent: Agent
  readonly #runner: JobRunner
  readonly #stage: number
  /** `false` where the initializer threw: nothing is run here. */
  #ready: boolean | Promise<boolean>

  readonly #mostJobs: number
  #taken = 0
  #busy = 0
  /** The cells of the jobs in hand, by ticket: only where there may be several. */
  readonly #inHand: Map<number, InHand> | undefined

  constructor(agent: Agent, { payload, owned, concurrency, mostJobs }: Introduction) {
    this.#agent = agent
    this.#stage = agent.slotAt + Slot.stage
    const about = agent.decoder.decode(payload, 0, payload.byteLength) as Payload
    const self = identityOf(agent, { ...about, name: agent.family.nameOf(agent.tag) ?? about.name }, threadId)
    if (owned) printDirectly()
    const known = identity()
    if (!known || known.agent.closed) {
      setIdentity(self)
      // For tasks that ask for it by name.
      ownContext(agent.backend)
    }
    const [results, initargs] = agent.decoder.decode(about.args, 0, about.args.byteLength) as [Channel, unknown[]]
    this.#mostJobs = mostJobs
    this.#inHand = concurrency > 1 ? new Map() : undefined
    this.#runner = new JobRunner(agent, results, this.#inHand && ((ticket) => this.#onThread(ticket)))
    this.#ready = this.#initialize(about, identity() ?? self, initargs)
  }

  async #initialize({ target }: Payload, self: Identity, initargs: unknown[]): Promise<boolean> {
    try {
      // Only between these two is its end this pool's affair: it may have worked for others before, and may never be needed here.
      if (target) this.#runner.tell(Status.initializing)
      const initializer = target && (await loadTarget(target))
      self.running = true
      await initializer?.(...initargs)
      if (target) this.#runner.tell(Status.initialized)
      // Not where another pool has doomed it.
      Atomics.compareExchange(this.#agent.family.words, this.#stage, Stage.starting, Stage.ready)
      this.#ready = true
    } catch (error) {
      // To the pool, and not to the job: that one has not run.
      this.#runner.fail(0, error)
      this.#ready = false
    }
    return this.#ready
  }

  /** Whether it has taken as many jobs as it may. */
  get #isLeaving(): boolean {
    return this.#mostJobs !== 0 && this.#taken >= this.#mostJobs
  }

  take(packed: number, ticket: number): number | Promise<number> {
    if (this.#ready === false) return Reply.done
    if (this.#ready !== true) return this.#ready.then(() => this.take(packed, ticket))
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
      Atomics.store(words, state, 0)
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
