import type { Agent } from '../agent.js'
import { FREE } from '../sync/mutex.js'
import { channels, logAgent } from './channels.js'

/** Whether anyone wants to know. */
export function isTold(): boolean {
  return channels.ownerDied.hasSubscribers
}

/**
 * Tells that this agent has found a lock whose holder died.
 * @param holder the tag that the lock held before; the dead's name is told only where that is the dead
 * @param recovered whether this agent holds it now
 */
export function tellOwnerDied(agent: Agent, object: string, holder: number, recovered: boolean): void {
  if (!isTold()) return
  const owner = holder !== FREE && !agent.isAlive(holder, true) ? agent.family.nameOf(holder) : undefined
  channels.ownerDied.publish({ agent: logAgent(agent), owner, object, recovered })
}
