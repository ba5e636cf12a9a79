import type { Agent } from '../agent.js'
import type { Handle, Shareable } from '../wire/shareable.js'
import type { Block } from './block.js'

/** What the memory must know of each class of shared objects. */
export interface Kind {
  /** Makes the local object for a block that some other agent made; no block where the handle's id is 0. */
  attach(agent: Agent, block: Block | undefined, handle: Handle): Shareable
  /** For what holds further blocks or handles of others: shows them all. */
  trace?(agent: Agent, address: number, found: Trace): void
  /** Gives back the further blocks, before its own is freed. */
  dispose?(agent: Agent, address: number): void
  /** An agent has died and lost its slot: wakes those who wait for something that only the dead could have done. Must not wait itself. */
  mourn?(agent: Agent, address: number): void
}

/** What a container holds, as {@link Kind.trace} shows it. */
export interface Trace {
  block(address: number): void
  handle(id: number): void
}

/** The kinds, by the number that travels. Each class enters itself (`defineKind`), so that this list knows none of them. */
export const KindId = {
  lock: 1,
  rlock: 2,
  value: 3,
  array: 4,
  queue: 5,
  memberLock: 6,
  subarray: 7,
  channel: 8,
  semaphore: 9,
  event: 10,
  condition: 11,
  barrier: 12,
  connection: 13,
  joinableQueue: 14,
  map: 15,
  list: 16,
  pipe: 17,
  simpleQueue: 18,
} as const

const kinds = new Map<number, Kind>()

export function defineKind(id: number, kind: Kind): void {
  kinds.set(id, kind)
}

export function kindOf(id: number): Kind {
  const kind = kinds.get(id)
  if (!kind) throw new Error(`unknown kind ${id} of shared object; do all agents run the same version of @multiproc/core?`)
  return kind
}
