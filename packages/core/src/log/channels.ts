import { type Channel, channel } from 'node:diagnostics_channel'
import type { Agent } from '../agent.js'
import type { LogAgent, LogMessages } from '../contracts/log.js'
import { Slot } from '../process/family.js'

/**
 * The channels, kept: Node holds them weakly, and looking one up costs more than asking whether anyone subscribes. Whoever publishes asks that first
 * (`hasSubscribers`), so that a message nobody wants is not even made.
 */
export const channels = {
  processStart: named('multiproc:process:start'),
  processExit: named('multiproc:process:exit'),
  taskStart: named('multiproc:task:start'),
  taskEnd: named('multiproc:task:end'),
  workerReplaced: named('multiproc:worker:replaced'),
  ownerDied: named('multiproc:owner:died'),
}

/** A channel that takes one type of message. */
export interface LogChannel<M> extends Omit<Channel, 'publish'> {
  publish(message: M): void
}

function named<N extends keyof LogMessages>(name: N): LogChannel<LogMessages[N]> {
  return channel(name)
}

/** How an agent names itself in its messages. */
export function logAgent(agent: Agent): LogAgent {
  return { name: agent.family.nameOf(agent.tag) ?? '', pid: agent.family.words[agent.slotAt + Slot.pid] as number }
}
