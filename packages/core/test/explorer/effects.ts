import { allocate, type Blocks, free, own } from './blocks.js'
import { type Operation, Outcome, TICK_MS, Took } from './operation.js'
import { Violation } from './violation.js'

/** What a step leaves in a word. */
export function changed(old: number, o: Operation): number {
  switch (o.do) {
    case 'store':
    case 'write':
    case 'exchange':
      return o.value
    case 'add':
      return (old + o.value) | 0
    case 'sub':
      return (old - o.value) | 0
    case 'and':
      return old & o.value
    case 'or':
      return old | o.value
    case 'xor':
      return old ^ o.value
    case 'compareExchange':
      return old === o.expected ? o.value : old
    default:
      return old
  }
}

/** What an operation touches besides words. */
export interface Outside {
  blocks: Blocks
  ticksLeft: number
  isAlive(agent: number): boolean
}

export function onHeap(outside: Outside, o: Extract<Operation, { do: 'allocate' | 'free' | 'own' }>, owner: number): number {
  try {
    if (o.do === 'allocate') {
      const { blocks, address } = allocate(outside.blocks, o.bytes, owner)
      outside.blocks = blocks
      return address
    }
    outside.blocks = o.do === 'free' ? free(outside.blocks, o.address) : own(outside.blocks, o.address, o.owner)
    return 0
  } catch (error) {
    throw new Violation(`${owner} ${(error as Error).message}`)
  }
}

/** The result of an operation of an agent that is alone in the world. */
export function immediately(words: Int32Array, outside: Outside, o: Operation): number {
  switch (o.do) {
    case 'wait':
      if (words[o.at] !== o.value) return Outcome.notEqual
      if (o.ms <= TICK_MS && outside.ticksLeft-- > 0) return Outcome.timedOut | (Took.moment << 2)
      throw new Error('it would have to wait')
    case 'notify':
    case 'note':
      return 0
    case 'listen':
      return 1
    case 'poll':
      throw new Error('it would have to wait for an event')
    case 'alive':
      return outside.isAlive(o.agent) ? 1 : 0
    case 'allocate':
    case 'free':
    case 'own':
      return onHeap(outside, o, -1)
    default: {
      const old = words[o.at] as number
      words[o.at] = changed(old, o)
      return old
    }
  }
}
