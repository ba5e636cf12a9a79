import type { Agent } from '../agent.js'
import { pack, unpack } from '../memory/space.js'
import { type OutgoingItem, PREFIX_BYTES, prefixWord } from '../queue/outgoing.js'
import type { TargetDescription } from '../target/describe.js'
import type { Mode } from './executor.js'

/**
 * How jobs and their results look in the two rings between a pool and its workers: four words, then the arguments, or the values, as the codec encodes them.
 *
 * | ring    | words                                        | encoding                                                     |
 * |---------|----------------------------------------------|--------------------------------------------------------------|
 * | jobs    | packed address of the target; mode; 0; 0     | the arguments                                                |
 * | results | number of the job; `Status`; 0; 0            | the values; or [values, failures], failures index and thrown |
 */
export interface JobRecord {
  readonly target: number
  readonly mode: Mode
  readonly args: readonly unknown[]
}

export const Status = { allDone: 0, someFailed: 1 } as const

export interface ResultRecord {
  readonly number: number
  readonly values: readonly unknown[]
  /** Index and thrown in turn. */
  readonly failures: readonly unknown[]
}

export function prepareJob(outgoing: OutgoingItem, job: JobRecord, root: string): OutgoingItem {
  return outgoing.prepare(job.args, root, [job.target, job.mode, 0, 0])
}

export function decodeJob(agent: Agent, bytes: Uint8Array, offset: number, size: number): JobRecord {
  const args = agent.decoder.decode(bytes, offset + PREFIX_BYTES, size - PREFIX_BYTES) as unknown[]
  return { target: prefixWord(bytes, offset, 0), mode: prefixWord(bytes, offset, 1) as Mode, args }
}

export function prepareResult(outgoing: OutgoingItem, result: ResultRecord): OutgoingItem {
  const { number, values, failures } = result
  if (failures.length === 0) return outgoing.prepare(values, 'result', [number, Status.allDone, 0, 0])
  return outgoing.prepare([values, failures], 'result', [number, Status.someFailed, 0, 0])
}

export function decodeResult(agent: Agent, bytes: Uint8Array, offset: number, size: number): ResultRecord {
  const number = prefixWord(bytes, offset, 0)
  let content: unknown[]
  try {
    content = agent.decoder.decode(bytes, offset + PREFIX_BYTES, size - PREFIX_BYTES) as unknown[]
  } catch (error) {
    return { number, values: [], failures: [0, error] }
  }
  if (prefixWord(bytes, offset, 1) === Status.allDone) return { number, values: content, failures: [] }
  const [values, failures] = content as [unknown[], unknown[]]
  return { number, values, failures }
}

/** Targets lie in memory once, for all jobs and all workers. Gives the packed address. */
export function storeTarget(agent: Agent, target: TargetDescription): number {
  agent.encoder.encode(target, 'target')
  const { size } = agent.encoder
  const address = agent.heap.allocate(size + 8, false)
  const { views, offset } = agent.space.at(address, size + 8)
  views.i32[offset / 4] = size
  agent.encoder.copyTo(views.u8, offset + 8)
  return pack(address)
}

export function readTarget(agent: Agent, packed: number): TargetDescription {
  const address = unpack(packed)
  const head = agent.space.at(address, 8)
  const size = head.views.i32[head.offset / 4] as number
  const { views, offset } = agent.space.at(address, size + 8)
  return agent.decoder.decode(views.u8, offset + 8, size) as TargetDescription
}

export function freeTarget(agent: Agent, packed: number): void {
  agent.heap.free(unpack(packed))
}
