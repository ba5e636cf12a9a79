import type { Agent } from '../agent.js'
import { leaveLastWords, takeBackLastWords } from './last-words.js'

/** Of this thread, which may be an agent of several families. */
const ends = new Set<OwnEnd>()

const onExit = (code: number) => {
  for (const end of ends) end.ended(Number(process.exitCode ?? code) || 0)
}
// A monitor, not a handler: it sees the error and changes nothing about what Node does with it.
const onUncaught = (error: unknown) => {
  for (const end of ends) end.uncaught(error)
}

/**
 * Sees to it that an agent ends with its exit code and the error that ended it on record. An error that the program survives, because it listens for uncaught
 * exceptions, has not ended it; what the target itself threw stays in any case.
 */
export class OwnEnd {
  readonly #agent: Agent
  #thrown: { readonly error: unknown } | undefined
  #exitCode: number | undefined

  constructor(agent: Agent) {
    this.#agent = agent
    if (ends.size === 0) {
      process.once('exit', onExit)
      process.on('uncaughtExceptionMonitor', onUncaught)
    }
    ends.add(this)
  }

  /** The agent is no member of the family any more, and its thread goes on. */
  leave(): void {
    if (!ends.delete(this) || ends.size > 0) return
    process.off('exit', onExit)
    process.off('uncaughtExceptionMonitor', onUncaught)
  }

  /** What the target has thrown. */
  targetThrew(error: unknown): void {
    this.#thrown = { error }
    leaveLastWords(this.#agent, error)
  }

  uncaught(error: unknown): void {
    // What listeners of a failure's end throw did not bring it about.
    if (this.#exitCode) return
    leaveLastWords(this.#agent, error)
    // There is no next tick for an agent that it ends, be it by a listener that exits.
    process.nextTick(() => this.#survived())
  }

  #survived(): void {
    if (this.#agent.closed) return
    if (this.#thrown) leaveLastWords(this.#agent, this.#thrown.error)
    else takeBackLastWords(this.#agent)
  }

  ended(exitCode: number): void {
    this.#exitCode = exitCode
    if (exitCode === 0) this.#survived()
    this.#agent.family.markEnded(this.#agent, this.#agent.tag, exitCode)
  }
}
