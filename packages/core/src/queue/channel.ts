import type { Agent } from '../agent.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { Line } from '../sync/async-waiters.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { RING_BYTES, Ring } from './ring.js'

/** A bare ring that travels: what multiproc's own parts talk over. Users have `Queue`. */
export class Channel implements Shareable {
  readonly line = new Line()
  readonly ring: Ring
  readonly #agent: Agent
  readonly #block: Block

  private constructor(agent: Agent, block: Block) {
    this.#agent = agent
    this.#block = block
    this.ring = new Ring(agent, block)
    this.ring.container = this
  }

  static create(agent: Agent): Channel {
    const block = agent.allocate(KindId.channel, RING_BYTES)
    const channel = new Channel(agent, block)
    agent.adopt(channel, block)
    return channel
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block)
  }

  static attach(agent: Agent, block: Block): Channel {
    return new Channel(agent, block)
  }
}

defineKind(KindId.channel, {
  attach: (agent, block) => Channel.attach(agent, block as Block),
  trace: Ring.trace,
  dispose: Ring.dispose,
})
