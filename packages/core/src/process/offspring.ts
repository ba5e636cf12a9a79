import type { Agent } from '../agent.js'
import type { Child, Exit } from '../backend.js'
import type { ProcessInfo } from '../contracts/process.js'
import { StateError } from '../errors.js'
import { channels, logAgent } from '../log/channels.js'
import { TICK_MS } from '../sync/suspend.js'
import { enlist } from '../sync/waitlist.js'
import { isLoading } from '../target/resolve.js'
import { Slot } from './family.js'
import { identity } from './identity.js'
import { takeLastWords } from './last-words.js'
import type { Payload } from './payload.js'

/** How an {@link Offspring} ended. */
export interface End {
  readonly exitCode: number
  /** Whether an error ended it, and which: `undefined` is something that can be thrown. */
  readonly failed: boolean
  readonly error: unknown
  /** How far it had come: `Stage`. */
  readonly stage: number
  /** Whether it ended by itself (it exited, or an error ended it), as far as it could tell, and was not ended from outside. */
  readonly byItself: boolean
}

const TERMINATED = -15
const KILLED = -9

/**
 * A child agent, from its launch to its burial, in its parent's eyes: what Process and Pool have in common.
 *
 * Its end is noticed by the launcher's exit event, or, while the event loop is blocked, by looking (`look`). It is *buried* once it has really
 * ended: only then is its slot free and are its locks those of a dead holder.
 */
export class Offspring {
  readonly #agent: Agent
  readonly #child: Child
  readonly tag: number
  readonly pid: number
  readonly info: ProcessInfo
  readonly #role: 'process' | 'worker'
  #signal: typeof TERMINATED | typeof KILLED | undefined
  #end: End | undefined
  #buried = false
  /** Of one that was taken in: stops listening for its end. */
  #unwatch: (() => void) | undefined
  readonly #onEnd: (end: End) => void
  /** Called where the error that ended it comes to light only after its end was known. */
  onLateError: ((end: End) => void) | undefined

  private constructor(
    agent: Agent,
    about: { readonly name: string; readonly daemon: boolean },
    role: 'process' | 'worker',
    start: (tag: number, onExit: (exit: Exit) => void) => Child,
    onEnd: (end: End) => void,
  ) {
    this.#agent = agent
    this.#onEnd = onEnd
    this.#role = role
    this.tag = agent.family.claim(agent, agent.tag, about.name)
    try {
      this.#child = start(this.tag, (exit) => this.#exited(exit))
    } catch (error) {
      agent.family.release(agent, this.tag)
      throw error
    }
    this.pid = this.#child.pid
    this.info = { name: about.name, pid: this.pid, daemon: about.daemon, isAlive: () => this.#end === undefined }
    agent.children.add(this)
    if (channels.processStart.hasSubscribers) channels.processStart.publish({ ...this.#about(), daemon: about.daemon })
  }

  /**
   * Launches a child.
   * @throws StateError where this agent may not start others
   * @throws NotCloneableError for the arguments
   */
  static launch(
    agent: Agent,
    about: {
      readonly name: string
      readonly daemon: boolean
      readonly env: Readonly<Record<string, string | undefined>> | undefined
    },
    payload: Pick<Payload, 'role' | 'target'>,
    args: readonly unknown[],
    onEnd: (end: End) => void,
  ): Offspring {
    assertMayStart()
    const bytes = encodePayload(agent, { ...payload, name: about.name, daemon: about.daemon }, args)
    const start = (tag: number, onExit: (exit: Exit) => void) => {
      const spec = { memory: agent.memory, boot: { tag, payload: bytes }, name: about.name, env: about.env }
      return agent.backend.launcher.launch(spec, onExit)
    }
    return new Offspring(agent, about, payload.role === 'pool' ? 'worker' : 'process', start, onEnd)
  }

  /** Takes in a worker that something else started: it finds its place in the family by its pid. */
  static adopt(
    agent: Agent,
    name: string,
    watch: (onExit: (exit: Exit) => void) => { readonly child: Child; readonly unwatch: () => void },
    onEnd: (end: End) => void,
  ): Offspring {
    let stop: (() => void) | undefined
    const adopt = (tag: number, onExit: (exit: Exit) => void) => {
      const { child, unwatch } = watch(onExit)
      stop = unwatch
      agent.family.words[agent.family.at(tag) + Slot.pid] = child.pid
      return child
    }
    const offspring = new Offspring(agent, { name, daemon: false }, 'worker', adopt, onEnd)
    offspring.#unwatch = stop
    return offspring
  }

  /** How it ended; `undefined` while it runs. */
  get end(): End | undefined {
    return this.#end
  }

  /** Whether it has ended, found out without the event loop. */
  look(): boolean {
    if (this.#end) return true
    const { family } = this.#agent
    if (family.wasCalledOff(this.tag)) {
      this.#conclude({ code: 1 }, undefined)
      return true
    }
    if (this.#child.look) {
      // Its life may be gone some ms before it is known how it ended: the system takes its memory apart in between.
      const exit = this.#child.look()
      if (exit) this.#exited(exit)
      return exit !== undefined
    }
    const alive = this.#isAlive()
    const at = family.at(this.tag)
    // Read after its life: what the dead said last is visible.
    const said = Atomics.load(family.words, at + Slot.ended) !== 0
    if (alive === true || (alive === undefined && !said)) return false
    // Where the platform cannot tell, its own word that it is ending must do; its slot is kept until the exit event.
    this.#conclude({ code: 1 }, said ? (family.words[at + Slot.exitCode] as number) : undefined)
    if (alive === false) this.#bury()
    return true
  }

  /** `undefined`: unknown, or it has not announced itself yet. */
  #isAlive(): boolean | undefined {
    const { family, memory } = this.#agent
    const at = family.at(this.tag)
    const first = Atomics.load(family.words, at + Slot.life)
    return first === 0 ? undefined : memory.isAlive(first, Atomics.load(family.words, at + Slot.life + 1))
  }

  /** Whether it has taken its place in the family. */
  get hasAnnounced(): boolean {
    const { family } = this.#agent
    return Atomics.load(family.words, family.at(this.tag) + Slot.life) !== 0 && !family.wasCalledOff(this.tag)
  }

  /** Whether its end is a matter of ms: it has said so, or lives no more. */
  get #isEnding(): boolean {
    const { family } = this.#agent
    return Atomics.load(family.words, family.at(this.tag) + Slot.ended) !== 0 || this.#isAlive() === false
  }

  /** Index of the waitlist on which its end is announced. */
  get endWaitlist(): number {
    return this.#agent.family.at(this.tag) + Slot.endWaitlist
  }

  /** Blocks this thread until it has ended; `undefined` when time ran out. */
  waitSync(deadline: number): End | undefined {
    const { words } = this.#agent.family
    for (;;) {
      const ticket = enlist(this.#agent, words, this.endWaitlist, true)
      if (this.look()) return this.#end
      const left = deadline - this.#agent.now()
      if (left <= 0) return undefined
      // The agent's own wait looks after the others meanwhile: this one may be waiting for a child that has died.
      this.#agent.wait(words, this.endWaitlist, ticket, Math.min(left, this.tick))
    }
  }

  /** ms after which to look at it again, where the event loop does not turn. Once it has said that it ends, it is gone within a few, for which there is no event. */
  get tick(): number {
    return this.#isEnding ? 1 : TICK_MS
  }

  kill(force: boolean): void {
    // Once is enough, however long it takes to end: native code cannot be interrupted.
    if (this.#signal === KILLED || this.look()) return
    this.#signal = force ? KILLED : (this.#signal ?? TERMINATED)
    this.#child.kill(force)
    // Before it has announced itself nobody could see it end; now it never will.
    this.#agent.family.callOff(this.tag)
  }

  /** What its messages have in common. */
  #about() {
    return { agent: logAgent(this.#agent), process: { name: this.info.name, pid: this.pid }, role: this.#role }
  }

  hold(pending: boolean): void {
    if (!this.#buried) this.#child.hold(pending)
  }

  /** Lets go of one that was taken in and lives on: it is no member of the family any more. */
  dismiss(): void {
    if (this.#buried) return
    this.#buried = true
    this.#unwatch?.()
    this.#agent.children.delete(this)
    this.#agent.family.release(this.#agent, this.tag)
  }

  #exited(exit: Exit): void {
    this.#conclude(exit, exit.code)
    // It may have said more since its end was known. And one that ran out of memory can leave no last words: only its launcher, on the event loop, knows why it ended.
    const said = this.#buried ? undefined : takeLastWords(this.#agent, this.tag)
    const late = said ?? (exit.error === undefined ? undefined : { thrown: exit.error })
    this.#bury()
    if (late === undefined || this.#end?.failed) return
    this.#end = { ...(this.#end as End), failed: true, error: late.thrown, byItself: true }
    this.onLateError?.(this.#end)
  }

  /** @param own the exit code that it gave itself, where known */
  #conclude(exit: Exit, own: number | undefined): void {
    if (this.#end) return
    const { family } = this.#agent
    const at = family.at(this.tag)
    const words = takeLastWords(this.#agent, this.tag)
    const failed = words !== undefined || exit.error !== undefined
    const exitCode = this.#signal ?? this.#wholeCode(exit) ?? own ?? exit.code
    this.#end = {
      exitCode,
      failed,
      error: words ? words.thrown : exit.error,
      stage: Atomics.load(family.words, at + Slot.stage),
      byItself: failed || Atomics.load(family.words, at + Slot.ended) !== 0,
    }
  }

  /** The exit code that it has told itself, where the system has kept but 8 bits of it. */
  #wholeCode({ code }: Exit): number | undefined {
    const { family } = this.#agent
    const at = family.at(this.tag)
    if (Atomics.load(family.words, at + Slot.ended) === 0) return undefined
    const told = family.words[at + Slot.exitCode] as number
    return (told & 0xff) === code ? told : undefined
  }

  #bury(): void {
    if (this.#buried) return
    this.#buried = true
    const { family } = this.#agent
    this.#agent.children.delete(this)
    if (!this.#agent.closed) {
      family.release(this.#agent, this.tag)
      this.#agent.mourn()
      this.#agent.scheduleCollection()
    }
    const end = this.#end as End
    if (channels.processExit.hasSubscribers) {
      const { exitCode, failed, error } = end
      channels.processExit.publish({ ...this.#about(), exitCode, failed, error })
    }
    this.#onEnd(end)
  }
}

/** @throws StateError where this agent may not start others */
export function assertMayStart(): void {
  const self = identity()
  if (!self) return
  if (!self.running || isLoading()) {
    throw new StateError(
      'a process or pool was started while a child was still loading its code: the module starts processes whenever it is imported, and each of them would import it again. ' +
        'Guard the start with `if (isMainProcess) { … }` (Python: if __name__ == "__main__")',
    )
  }
  if (self.info.daemon)
    throw new StateError('a daemon may not start processes: they would outlive it. Start it with { daemon: false }')
}

/** What a child needs to know, but for its tag. @throws NotCloneableError for the arguments */
export function encodePayload(
  agent: Agent,
  about: Pick<Payload, 'role' | 'target' | 'name' | 'daemon'>,
  args: readonly unknown[],
): Uint8Array {
  agent.encoder.encode(args, 'args')
  const whole: Payload = { ...about, parent: parentOf(agent), args: agent.encoder.toBytes() }
  agent.encoder.encode(whole, 'payload')
  return agent.encoder.toBytes()
}

function parentOf(agent: Agent): Payload['parent'] {
  const self = identity()
  if (self?.agent === agent)
    return { name: self.info.name, pid: self.info.pid as number, tag: agent.tag, daemon: self.info.daemon }
  return { name: 'MainProcess', pid: agent.family.words[agent.slotAt + Slot.pid] as number, tag: agent.tag, daemon: false }
}
