import type { Agent } from '../agent.js'
import type { Connection as ConnectionContract, PipeOptions } from '../contracts/connection.js'
import { Block } from '../memory/block.js'
import { defineKind, KindId, type Trace } from '../memory/kinds.js'
import { checkOptions, flagOf } from '../options.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Connection } from './connection.js'
import { END_WORDS, PipeEnd } from './pipe-end.js'
import { RING_BYTES, Ring } from './ring.js'

/**
 * What the two connections of a pipe have in common: a ring for each direction and the state of each end, in one block. Ring n holds what end n receives.
 * It lives while either connection does, anywhere, and travels with each.
 */
const RING_STRIDE = (RING_BYTES + 7) & ~7
/** Words. */
const ONE_WAY = (RING_STRIDE * 2) / 4
const ENDS = ONE_WAY + 2
const BYTES = (ENDS + END_WORDS * 2) * 4

export class Pipe implements Shareable {
  readonly connections: readonly [Connection, Connection]
  readonly ends: readonly [PipeEnd, PipeEnd]
  readonly #agent: Agent
  readonly #block: Block

  private constructor(agent: Agent, block: Block) {
    const words = block.views.i32
    const rings = [new Ring(agent, block), new Ring(agent, block, RING_STRIDE)] as const
    for (const ring of rings) ring.container = this
    const end = (n: 0 | 1) => new PipeEnd(agent, words, block.at + ENDS + n * END_WORDS, rings[n], rings[n === 0 ? 1 : 0])
    this.#agent = agent
    this.#block = block
    this.ends = [end(0), end(1)]
    const duplex = words[block.at + ONE_WAY] === 0
    this.connections = [
      new Connection(agent, this, 0, { receives: true, sends: duplex }),
      new Connection(agent, this, 1, { receives: duplex, sends: true }),
    ]
  }

  static create<A, B>(agent: Agent, options?: PipeOptions): [ConnectionContract<A, B>, ConnectionContract<B, A>] {
    const duplex = flagOf(checkOptions(options, 'the options of Pipe()')?.duplex, 'duplex', true)
    const block = agent.allocate(KindId.pipe, BYTES)
    block.views.i32[block.at + ONE_WAY] = duplex ? 0 : 1
    const pipe = new Pipe(agent, block)
    agent.adopt(pipe, block)
    const [first, second] = pipe.connections
    return [first as Connection<A, B>, second as Connection<B, A>]
  }

  static attach(agent: Agent, block: Block): Pipe {
    return new Pipe(agent, block)
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block)
  }

  static trace(agent: Agent, address: number, found: Trace): void {
    Ring.trace(agent, address, found)
    Ring.trace(agent, address + RING_STRIDE, found)
    traceUsers(agent, address, found)
  }

  static dispose(agent: Agent, address: number): void {
    Ring.dispose(agent, address)
    Ring.dispose(agent, address + RING_STRIDE)
    const chunks: number[] = []
    traceUsers(agent, address, { block: (chunk) => chunks.push(chunk), handle: () => {} })
    for (const chunk of chunks) agent.heap.free(chunk)
  }

  /** The dead may have been the last of its users, or closing an end. */
  static mourn(agent: Agent, address: number): void {
    const { views, offset } = agent.space.at(address, BYTES)
    const pipe = new Pipe(agent, new Block(KindId.pipe, address, BYTES, views, offset))
    for (const end of pipe.ends) end.closeIfDeserted(false)
    Ring.mourn(agent, address)
    Ring.mourn(agent, address + RING_STRIDE)
  }
}

function traceUsers(agent: Agent, address: number, found: Trace): void {
  const { views, offset } = agent.space.at(address, BYTES)
  for (const n of [0, 1]) PipeEnd.trace(agent, views.i32, offset / 4 + ENDS + n * END_WORDS, found)
}

defineKind(KindId.pipe, {
  attach: (agent, block) => Pipe.attach(agent, block as Block),
  trace: Pipe.trace,
  dispose: Pipe.dispose,
  mourn: Pipe.mourn,
})

// A connection is found through its pipe.
defineKind(KindId.connection, {
  attach: (_agent, _block, handle) => (handle.parts[0] as Pipe).connections[handle.data[0] as 0 | 1],
})
