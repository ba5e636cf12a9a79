import type { Agent } from '../agent.js'
import { type Place, unpack } from '../memory/space.js'
import { keyWords, type Probe } from './key.js'
import { type OutgoingValue, recordWords } from './stored-value.js'

/**
 * An entry of a map: one block, written before it can be found and never changed afterwards. Its place in the order of insertion (a double); the record of its
 * value (`stored-value.ts`); its key (`key.ts`).
 */
export const RECORD = 2

/** The block of a new entry, which nobody else can find yet. Its place in the order is still to be written. */
export function makeEntry(agent: Agent, probe: Probe, value: OutgoingValue): number {
  const bytes = (RECORD + value.words + probe.words) * 4
  const address = agent.heap.allocate(bytes, false)
  const { views, offset } = agent.space.at(address, bytes)
  const at = offset / 4 + RECORD
  value.write(views, at)
  probe.write(views, at + value.words)
  return address
}

/** The whole of an entry. How long it is shows word by word. */
export function entryAt(agent: Agent, packed: number): Place {
  const address = unpack(packed)
  let place = agent.space.at(address, (RECORD + 2) * 4)
  const key = RECORD + recordWords(place.views.i32, place.offset / 4 + RECORD)
  place = reaching(agent, place, address, (key + 1) * 4)
  return reaching(agent, place, address, (key + keyWords(place.views.i32[place.offset / 4 + key] as number)) * 4)
}

function reaching(agent: Agent, place: Place, address: number, bytes: number): Place {
  return place.offset + bytes <= place.views.bytes ? place : agent.space.at(address, bytes)
}

/** Where the record of its value is. */
export function recordOf({ views, offset }: Place): Place {
  return { views, offset: offset + RECORD * 4 }
}

export function orderOf({ views, offset }: Place): number {
  return views.f64[offset / 8] as number
}
