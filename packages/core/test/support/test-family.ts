import { Agent } from '../../src/agent.js'
import { type Backend, defaultCapabilities } from '../../src/backend.js'
import { Slot } from '../../src/process/family.js'
import { TestMemory } from './test-memory.js'

/** A family of agents in this thread. */
export class TestFamily {
  readonly first: Agent
  readonly #backend: Backend

  constructor(readonly memory = new TestMemory()) {
    this.#backend = {
      name: 'test',
      capabilities: defaultCapabilities,
      createMemory: () => memory,
      launcher: {
        launch: () => {
          throw new Error('agents of a test family are not launched: they join')
        },
      },
    }
    this.first = Agent.first(this.#backend, 'first', 1)
  }

  /** One more agent. */
  join(name = 'other'): Agent {
    const tag = this.first.family.claim(this.first, this.first.tag, name)
    return Agent.started(this.#backend, this.memory, tag, 1)
  }

  /** Ends an agent where it stands; nobody has noticed. */
  end(agent: Agent): void {
    this.memory.ended.add(this.first.family.words[agent.slotAt + Slot.life] as number)
  }

  /** As whoever started it does once it has ended. */
  bury(agent: Agent): void {
    this.end(agent)
    this.first.family.release(this.first, agent.tag)
  }
}
