import type { Agent } from '../agent.js'
import { pack, unpack } from '../memory/space.js'
import { type OutgoingItem, PREFIX_BYTES, prefixWord } from '../queue/outgoing.js'
import type { TargetDescription } from '../target/describe.js'
import type { Mode } from './executor.js'

/**
 * How jobs and their results look in the two rings between a pool and its workers: four words, then the arguments, or the values, as the codec encodes them.
 *
 * | ring    | words                                                   | encoding                                                     |
 * |---------|---------------------------------------------------------|--------------------------------------------------------------|
 * | jobs    | packed address of the target; mode; time of submit (2)  | the arguments                                                |
 * | results | number of the job; `Status`; ms it waited; ms it ran    | the values; or [values, failures], failures index and thrown |
 * |         | tag of a worker; `Status` from `lastTaken` on; 0; 0     | –                                                            |
 *
 * The time of submit is a float64 on the shared clock, the durations are float32.
 */
export interface JobRecord {
  readonly target: number
  readonly mode: Mode
  readonly args: readonly unknown[]
  /** On the shared clock. */
  readonly submitted: number
}

/** From `lastTaken` on: no result, but a worker's word that it has taken its last job, begins with the initializer, is through with it, or has come to know the pool. */
export const Status = { allDone: 0, someFailed: 1, lastTaken: 2, initializing: 3, initialized: 4, introduced: 5 } as const
export type Status = (typeof Status)[keyof typeof Status]
/** What a worker says of itself. */
export type News = Exclude<Status, typeof Status.allDone | typeof Status.someFailed>

export interface ResultRecord {
  readonly number: number
  /** ms until a worker took it, and ms that it ran. */
  readonly waited: number
  readonly ran: number
  readonly values: readonly unknown[]
  /** Index and thrown in turn. */
  readonly failures: readonly unknown[]
}

/** What was read from the ring of results. */
export interface DecodedResult extends ResultRecord {
  readonly status: Status
}

/** To show the bits of a float as words. */
const words = new Int32Array(2)
const float64 = new Float64Array(words.buffer)
const float32 = new Float32Array(words.buffer)

export function prepareJob(outgoing: OutgoingItem, job: JobRecord, root: string): OutgoingItem {
  float64[0] = job.submitted
  return outgoing.prepare(job.args, root, [job.target, job.mode, words[0] as number, words[1] as number])
}

export function decodeJob(agent: Agent, bytes: Uint8Array, offset: number, size: number): JobRecord {
  const args = agent.decoder.decode(bytes, offset + PREFIX_BYTES, size - PREFIX_BYTES) as unknown[]
  words[0] = prefixWord(bytes, offset, 2)
  words[1] = prefixWord(bytes, offset, 3)
  const submitted = float64[0] as number
  return { target: prefixWord(bytes, offset, 0), mode: prefixWord(bytes, offset, 1) as Mode, args, submitted }
}

export function prepareResult(outgoing: OutgoingItem, result: ResultRecord): OutgoingItem {
  const { number, values, failures } = result
  float32[0] = result.waited
  float32[1] = result.ran
  const [waited, ran] = [words[0] as number, words[1] as number]
  if (failures.length === 0) return outgoing.prepare(values, 'result', [number, Status.allDone, waited, ran])
  return outgoing.prepare([values, failures], 'result', [number, Status.someFailed, waited, ran])
}

/** @param tag of the worker that says it */
export function prepareNews(outgoing: OutgoingItem, tag: number, news: News): OutgoingItem {
  return outgoing.prepare([], 'result', [tag, news, 0, 0])
}

export function decodeResult(agent: Agent, bytes: Uint8Array, offset: number, size: number): DecodedResult {
  const number = prefixWord(bytes, offset, 0)
  const status = prefixWord(bytes, offset, 1) as Status
  words[0] = prefixWord(bytes, offset, 2)
  words[1] = prefixWord(bytes, offset, 3)
  const [waited, ran] = [float32[0] as number, float32[1] as number]
  let content: unknown[]
  try {
    content = agent.decoder.decode(bytes, offset + PREFIX_BYTES, size - PREFIX_BYTES) as unknown[]
  } catch (error) {
    return { number, status, waited, ran, values: [], failures: [0, error] }
  }
  if (status !== Status.someFailed) return { number, status, waited, ran, values: content, failures: [] }
  const [values, failures] = content as [unknown[], unknown[]]
  return { number, status, waited, ran, values, failures }
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
