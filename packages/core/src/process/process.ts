import type { Agent } from '../agent.js'
import type { Process as ProcessContract, ProcessOptions } from '../contracts/process.js'
import { ClosedError, NotCloneableError, StateError, TimeoutError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import {
  checkOptions,
  deadlineOf,
  flagOf,
  type SyncWaitOptions,
  shown,
  signalOf,
  syncDeadline,
  type WaitOptions,
} from '../options.js'
import { WAITABLE, type Waitable } from '../queue/waitable.js'
import { settleWithin } from '../sync/settle-within.js'
import { describeTarget, type TargetDescription } from '../target/describe.js'
import { SHARE } from '../wire/shareable.js'
import { printFailure } from './failure.js'
import { type End, Offspring } from './offspring.js'

/** @see ProcessContract */
export class Process implements ProcessContract {
  readonly name: string
  readonly daemon: boolean
  readonly #agent: Agent
  readonly #target: TargetDescription
  /** Kept until the end: the child may not have attached to what is in them yet. */
  #args: readonly unknown[] | undefined
  readonly #env: Readonly<Record<string, string | undefined>> | undefined
  #offspring: Offspring | undefined
  #ended: Promise<End> | undefined
  #reported = false
  #joins = 0
  #closed = false

  constructor(agent: Agent, options: ProcessOptions) {
    agent.assertOpen()
    const given = checkOptions(options, 'the options of a Process')
    this.#agent = agent
    this.#target = describeTarget(given?.target, 'Process target')
    this.#args = argsOf(given?.args)
    this.#env = envOf(given?.env)
    this.name = nameOf(given?.name) ?? `Process-${++agent.processesMade}`
    this.daemon = flagOf(given?.daemon, 'daemon', false)
  }

  start(): this {
    this.#assertUsable()
    if (this.#offspring) throw new StateError(`${this.name} was started before; a Process runs once. Make another one`)
    this.#agent.assertOpen()
    let ended: (end: End) => void = () => {}
    this.#ended = new Promise((resolve) => {
      ended = resolve
    })
    const about = { name: this.name, daemon: this.daemon, env: this.#env }
    this.#offspring = Offspring.launch(this.#agent, about, { role: 'process', target: this.#target }, this.#args ?? [], (end) => {
      this.#report(end)
      ended(end)
    })
    this.#offspring.onLateError = (end) => this.#print(end)
    this.#offspring.hold(!this.daemon)
    this.#agent.processes.add(this)
    return this
  }

  get pid(): number | null {
    this.#assertUsable()
    return this.#offspring?.pid ?? null
  }

  get exitCode(): number | null {
    this.#assertUsable()
    return this.#look()?.exitCode ?? null
  }

  get error(): unknown {
    this.#assertUsable()
    return this.#look()?.error
  }

  isAlive(): boolean {
    this.#assertUsable()
    return this.#offspring !== undefined && this.#look() === undefined
  }

  join(options?: WaitOptions): Promise<number> {
    checkOptions(options, 'the options of join()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    const offspring = this.#started('join()')
    const ended = this.#ended as Promise<End>
    const known = this.#look()
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (known) return Promise.resolve(known.exitCode)
    // A daemon that is waited for keeps this agent alive like anything pending.
    if (this.#joins++ === 0) offspring.hold(true)
    return settleWithin(ended, deadline, signal, () => this.#late())
      .then((end) => end.exitCode)
      .finally(() => {
        if (--this.#joins === 0) offspring.hold(!this.daemon)
      })
  }

  joinSync(options?: SyncWaitOptions): number {
    const deadline = syncDeadline(options, 'the options of joinSync()')
    const offspring = this.#started('joinSync()')
    this.#agent.assertMayBlock()
    if (!offspring.waitSync(deadline)) throw this.#late()
    return (this.#look() as End).exitCode
  }

  terminate(): void {
    this.#started('terminate()').kill(false)
  }

  kill(): void {
    this.#started('kill()').kill(true)
  }

  close(): void {
    if (this.#closed) return
    if (this.isAlive()) throw new StateError(`${this.name} is still running: join or terminate it before close()`)
    this.#closed = true
    this.#args = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed || !this.#offspring) return
    this.#offspring.kill(false)
    await this.join()
  }

  /** Refuses to travel: only the agent that started it can watch over it. */
  [SHARE](): never {
    throw new NotCloneableError('a Process stays with the agent that made it. Send its name or pid', '')
  }

  [WAITABLE](): Waitable {
    const offspring = this.#started('wait()')
    return {
      agent: this.#agent,
      words: this.#agent.family.words,
      at: offspring.endWaitlist,
      isReady: () => this.#look() !== undefined,
      get tick() {
        return offspring.tick
      },
    }
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('Process', () => ({ name: this.name, pid: this.pid, exitCode: this.exitCode }), how)
  }

  #look(): End | undefined {
    const offspring = this.#offspring
    if (!offspring?.look()) return undefined
    this.#report(offspring.end as End)
    return offspring.end
  }

  /** Once, however its end was noticed. */
  #report(end: End): void {
    if (this.#reported) return
    this.#reported = true
    this.#args = undefined
    this.#agent.processes.delete(this)
    this.#print(end)
  }

  #print(end: End): void {
    // A process has told of it itself, as any Node program does.
    if (end.failed && this.#agent.backend.capabilities.isolation === 'thread')
      printFailure(this.name, this.#offspring?.pid, end.error)
  }

  #started(what: string): Offspring {
    this.#assertUsable()
    if (!this.#offspring) throw new StateError(`${what} of ${this.name} before start()`)
    return this.#offspring
  }

  #assertUsable(): void {
    if (this.#closed) throw new ClosedError(`${this.name} is closed`)
  }

  #late(): TimeoutError {
    return new TimeoutError(`${this.name} did not end in time; it goes on`)
  }
}

function argsOf(args: unknown): readonly unknown[] {
  if (args === undefined) return []
  if (!Array.isArray(args)) throw new TypeError(`args must be an array of the target's arguments; got ${shown(args)}`)
  return args
}

function nameOf(name: unknown): string | undefined {
  if (name !== undefined && typeof name !== 'string') throw new TypeError(`name must be a string; got ${shown(name)}`)
  return name
}

function envOf(env: unknown): Readonly<Record<string, string | undefined>> | undefined {
  if (env === undefined) return undefined
  if (typeof env !== 'object' || env === null) throw new TypeError(`env must be an object of variables; got ${shown(env)}`)
  for (const [key, value] of Object.entries(env)) {
    if (value !== undefined && typeof value !== 'string')
      throw new TypeError(`env.${key} must be a string, or undefined to remove the variable; got ${shown(value)}`)
  }
  return { ...(env as Record<string, string | undefined>) }
}
