import { Agent } from '../agent.js'
import type { Backend, BootData, Memory } from '../backend.js'
import { serve } from '../pool/serve.js'
import type { TargetDescription } from '../target/describe.js'
import { loadTarget } from '../target/resolve.js'
import { Slot, Stage } from './family.js'
import { type Identity, setIdentity } from './identity.js'
import { OwnEnd } from './own-end.js'
import type { Payload } from './payload.js'

/**
 * The first thing that a backend's entry calls in a new agent: makes it a member of the family and runs what it was started for.
 * @param pid as others will see it: OS pid, or thread id
 */
export function startChild(backend: Backend, memory: Memory, boot: BootData, pid: number): void {
  const { agent, end } = joinFamily(backend, memory, boot.tag, pid)
  const payload = agent.decoder.decode(boot.payload, 0, boot.payload.byteLength) as Payload
  const self = identityOf(agent, payload, pid)
  setIdentity(self)
  const run = payload.role === 'pool' ? serve(agent, payload, self) : runTarget(agent, payload, self)
  run.catch((error: unknown) => {
    end.targetThrew(error)
    // Out of the promise, so that it is an uncaught exception like any other and not an unhandled rejection.
    setImmediate(() => {
      throw error
    })
  })
}

/** A member of a family, as it sees itself. */
export interface Member {
  readonly agent: Agent
  readonly end: OwnEnd
}

/** Makes this thread or process the member of a family that `tag` was claimed for. */
export function joinFamily(backend: Backend, memory: Memory, tag: number, pid: number): Member {
  const agent = Agent.started(backend, memory, tag, pid)
  return { agent, end: new OwnEnd(agent) }
}

async function runTarget(agent: Agent, payload: Payload, self: Identity): Promise<void> {
  const fn = await loadTarget(payload.target as TargetDescription)
  const args = agent.decoder.decode(payload.args, 0, payload.args.byteLength) as unknown[]
  self.running = true
  Atomics.store(agent.family.words, agent.slotAt + Slot.stage, Stage.ready)
  await fn(...args)
}

/** Who a member of a family is, to itself. */
export function identityOf(agent: Agent, payload: Payload, pid: number): Identity {
  const { parent } = payload
  return {
    backend: agent.backend.name,
    agent,
    info: { name: payload.name, pid, daemon: payload.daemon, isAlive: () => true },
    parent: { name: parent.name, pid: parent.pid, daemon: parent.daemon, isAlive: () => agent.isAlive(parent.tag, true) },
    running: false,
  }
}
