import type { Agent } from '../../src/agent.js'
import { Block } from '../../src/memory/block.js'
import { defineKind } from '../../src/memory/kinds.js'
import { Ring } from '../../src/queue/ring.js'
import { bytes, int, makeRing, take } from './ring.js'

/** A kind of object that is only memory. */
const PLAIN = 1001
/** One whose `trace` is a moment of the marking at which a test can act. */
const MOMENT = 1002

/** What happens at which moment: by address. */
const moments = new Map<number, () => void>()
defineKind(PLAIN, { attach: unattached })
defineKind(MOMENT, { attach: unattached, trace: (_agent, address) => momentAt(address) })
function unattached(): never {
  throw new Error('only its memory is tested')
}

/** An object without a queue, published and held by this agent. */
export function makePlain(agent: Agent, size = 40): Block {
  const block = agent.allocate(PLAIN, size)
  agent.ledger.publish(block)
  return block
}

/** A held object at whose tracing `act` runs, once: in the middle of the next collection. */
export function makeMoment(agent: Agent, act: () => void): Block {
  const block = agent.allocate(MOMENT, 8)
  agent.ledger.publish(block)
  moments.set(block.address, act)
  return block
}

function momentAt(address: number): void {
  const act = moments.get(address)
  moments.delete(address)
  act?.()
}

/** A queue that holds handles of objects. */
export class Holder {
  readonly ring: Ring
  readonly id: number

  constructor(
    readonly agent: Agent,
    readonly block: Block = makeRing(agent),
  ) {
    this.ring = new Ring(agent, block)
    this.id = block.id
  }

  put(...ids: number[]): void {
    this.ring.offer(bytes(this.agent, 8, 1, ids))
  }

  putInt(value: number): void {
    this.ring.offer(int(value))
  }

  /** Takes an item; this agent then holds what was in it. */
  take(): unknown {
    return take(this.ring)
  }
}

/** Whether the object is still there, as the ledger has it. */
export const isThere = (agent: Agent, { id }: { readonly id: number }): boolean => agent.ledger.ids().includes(id)

/** The same object's block in another agent, which does not hold it yet. */
export function seenBy(agent: Agent, { kind, address, bytes: size, id }: Block): Block {
  const { views, offset } = agent.space.at(address, size)
  const block = new Block(kind, address, size, views, offset)
  block.id = id
  return block
}
