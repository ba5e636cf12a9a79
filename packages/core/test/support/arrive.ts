import type { Agent } from '../../src/agent.js'
import { SHARE, type Shareable } from '../../src/wire/shareable.js'

/** The same shared object as another agent has it once it has arrived there. */
export function arriveAt<T extends object>(agent: Agent, object: T): T {
  const handle = (object as unknown as Shareable)[SHARE]()
  return agent.arriving({ ...handle, parts: handle.parts.map((part) => arriveAt(agent, part)) }) as T
}
