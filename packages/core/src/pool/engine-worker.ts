import { getEventListeners } from 'node:events'
import { type MessagePort, parentPort, receiveMessageOnPort, threadId } from 'node:worker_threads'
import type { Agent } from '../agent.js'
import type { Backend } from '../backend.js'
import { NotSupportedError } from '../errors.js'
import { SabMemory } from '../memory/sab-memory.js'
import { Space } from '../memory/space.js'
import { Family } from '../process/family.js'
import { identity } from '../process/identity.js'
import { joinFamily, type Member } from '../process/start-child.js'
import { isWanted } from './cells.js'
import { Employment } from './employment.js'
import {
  INTRODUCTION,
  type Introduction,
  type JobMessage,
  LETTING_GO,
  type LettingGo,
  POOL_ENDED,
  type PoolEnded,
  Reply,
  TAKEN_BACK,
  type TakenBack,
} from './engine-wire.js'

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
    const known = identity()
    const isOwn = !known || known.agent.closed || isFree(known.agent)
    membership.pools.add(pool)
    pools.set(pool, new Employment(membership.agent, introduction, isOwn))
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

  const forget = (pool: number) => {
    pools.get(pool)?.end()
    pools.delete(pool)
    unknown.delete(pool)
    for (const membership of memberships.values()) membership.pools.delete(pool)
  }

  /** Whether the agent that tasks find by the package's own names is in no pool of these any more. */
  const isFree = (agent: Agent) => {
    for (const membership of memberships.values()) if (membership.agent === agent) return membership.pools.size === 0
    return false
  }

  // The others are for other copies of this package, or for the same one as it runs elsewhere in this worker.
  const isForUs = ({ unasked, pool }: Introduction) => (unasked ? expected : unknown.has(pool))
  listen((words) => {
    // What an introduction refers to may be gone when its pool has ended.
    const ended = new Set(words.map((word) => word.kind === POOL_ENDED && word.pool))
    for (const word of words) {
      if (word.kind === LETTING_GO) pools.get(word.pool)?.letGo(word.ticket)
      else if (word.kind === TAKEN_BACK) pools.get(word.pool)?.makeWay()
      else if (word.kind === POOL_ENDED) forget(word.pool)
      else if (isForUs(word) && !ended.has(word.pool)) meet(word)
    }
  })
  return (message) => {
    const [pool, cell, ticket, introduction] = message as JobMessage
    if (introduction && !pools.has(pool)) {
      // As above: a job that is wanted has a pool.
      if (!isWanted(new Space(SabMemory.attach(introduction.segments)), cell, ticket)) return Reply.stale
      meet(introduction)
    }
    const known = pools.get(pool)
    if (known) return known.take(cell, ticket)
    if (pool === 0) return Reply.done
    return introduced(pool).then(() => pools.get(pool)?.take(cell, ticket) ?? -threadId)
  }
}

type Word = Introduction | LettingGo | TakenBack | PoolEnded

const KINDS: readonly unknown[] = [INTRODUCTION, LETTING_GO, TAKEN_BACK, POOL_ENDED] satisfies Word['kind'][]

function isWord(message: unknown): message is Word {
  return KINDS.includes((message as Word | null)?.kind)
}

const LISTENERS = Symbol.for('multiproc.introductions')

/**
 * What is said to a worker, and not asked of it, comes on the thread's own port. The engine has had its one message there, and would take whatever comes for another one; so its listener makes
 * room. A worker may hold several copies of this package, which share what comes.
 */
function listen(onWords: (words: readonly Word[]) => void): void {
  const globals = globalThis as { [LISTENERS]?: ((words: readonly Word[]) => void)[] }
  if (globals[LISTENERS]) return void globals[LISTENERS].push(onWords)
  const listeners = [onWords]
  globals[LISTENERS] = listeners
  const port = parentPort as MessagePort
  // Its own is the first: it has begun to listen before it loads anything.
  const [engines] = getEventListeners(port, 'message')
  if (engines) port.off('message', engines as () => void)
  port.on('message', (message: unknown) => {
    if (!isWord(message)) return
    const words = [message]
    // All that has come while the thread was busy: the last of it says what of the rest still counts.
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      if (isWord(next.message)) words.push(next.message)
      else port.emit('message', next.message)
    }
    for (const one of listeners) one(words)
  })
}
