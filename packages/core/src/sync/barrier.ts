import type { Agent } from '../agent.js'
import type { Barrier as BarrierContract, BarrierOptions } from '../contracts/barrier.js'
import { BrokenBarrierError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import type { Block } from '../memory/block.js'
import { defineKind, KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, shown, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { describeTarget, type TargetDescription } from '../target/describe.js'
import { loadTarget, targetNow } from '../target/resolve.js'
import { abandon, isThenable } from '../thenable.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { Line } from './async-waiters.js'
import { type Arrival, Parties } from './parties.js'
import { settleWithin } from './settle-within.js'
import { asyncWaiter, runSync, syncWaiter } from './suspend.js'

/** Words: the parties, and how many bytes the description of the action has, which follow; 0: none. */
const ACTION_BYTES = Parties.WORDS
const ACTION = ACTION_BYTES + 1
/** As a timeout travels: handles carry finite numbers. */
const FOR_EVER = -1

type Action = (...args: unknown[]) => unknown

/** @see BarrierContract */
export class Barrier implements BarrierContract, Shareable {
  readonly #agent: Agent
  readonly #block: Block
  readonly #parties: Parties
  /** ms */
  readonly #timeout: number
  readonly #hasAction: boolean
  /** The action itself, where it was made here. */
  #action: Action | undefined

  private constructor(agent: Agent, block: Block, timeout: number) {
    this.#agent = agent
    this.#block = block
    this.#parties = new Parties(agent, block.views.i32, block.at, block.address)
    this.#timeout = timeout
    this.#hasAction = block.views.i32[block.at + ACTION_BYTES] !== 0
  }

  static create(agent: Agent, parties: number, options?: BarrierOptions): Barrier {
    checkParties(parties)
    const given = checkOptions(options, 'the options of a Barrier')
    deadlineOf(given)
    const action = given?.action === undefined ? undefined : describeTarget(given.action, 'Barrier action')
    let encoded = new Uint8Array(0)
    if (action) {
      agent.encoder.encode(action, 'action')
      encoded = agent.encoder.toBytes()
    }
    const block = agent.allocate(KindId.barrier, ACTION * 4 + encoded.byteLength)
    Parties.format(block.views.i32, block.at, parties)
    block.views.i32[block.at + ACTION_BYTES] = encoded.byteLength
    block.views.u8.set(encoded, block.offset + ACTION * 4)
    const barrier = new Barrier(agent, block, given?.timeout ?? Number.POSITIVE_INFINITY)
    if (typeof given?.action === 'function') barrier.#action = given.action as Action
    agent.adopt(barrier, block)
    return barrier
  }

  wait(options?: WaitOptions): Promise<number> {
    checkOptions(options, 'the options of wait()')
    const deadline = this.#deadlineOf(options)
    const signal = signalOf(options)
    this.#agent.assertOpen()
    return this.#wait(deadline, signal)
  }

  waitSync(options?: SyncWaitOptions): number {
    syncDeadline(options, 'the options of waitSync()')
    const deadline = this.#deadlineOf(options)
    const agent = this.#agent
    agent.assertMayBlock()
    for (;;) {
      const arrival = this.#arrive()
      if (arrival.kind === 'last') {
        if (arrival.acts) this.#actSync(arrival.generation)
        return arrival.index
      }
      runSync(agent, this.#parties.sleep(arrival.entry, syncWaiter(agent)), deadline)
      if (!this.#parties.leave(arrival.entry)) throw broken()
      if (arrival.index >= 0) return arrival.index
    }
  }

  reset(): void {
    this.#agent.assertOpen()
    this.#parties.reset()
  }

  abort(): void {
    this.#agent.assertOpen()
    this.#parties.abort()
  }

  get broken(): boolean {
    this.#agent.assertOpen()
    return this.#parties.isBroken
  }

  get waiting(): number {
    this.#agent.assertOpen()
    return this.#parties.waiting
  }

  get parties(): number {
    this.#agent.assertOpen()
    return this.#parties.total
  }

  [SHARE](): Handle {
    return this.#agent.share(this, this.#block, [this.#timeout === Number.POSITIVE_INFINITY ? FOR_EVER : this.#timeout])
  }

  [INSPECT](...how: InspectArguments): string {
    return inspected('Barrier', () => ({ parties: this.parties, waiting: this.waiting, broken: this.broken }), how)
  }

  /** @throws BrokenBarrierError */
  #arrive(): Exclude<Arrival, { kind: 'refused' }> {
    const arrival = this.#parties.arrive(this.#hasAction)
    if (arrival.kind === 'refused') throw broken()
    return arrival
  }

  async #wait(deadline: number, signal: AbortSignal | undefined): Promise<number> {
    const agent = this.#agent
    for (;;) {
      signal?.throwIfAborted()
      const arrival = this.#arrive()
      if (arrival.kind === 'last') {
        if (arrival.acts) await this.#act(arrival.generation, deadline, signal)
        return arrival.index
      }
      try {
        await agent.waiters.run(new Line(), this.#parties.sleep(arrival.entry, asyncWaiter(agent)), deadline, signal)
      } catch (reason) {
        if (!agent.closed) this.#parties.leave(arrival.entry)
        throw reason
      }
      if (!this.#parties.leave(arrival.entry)) throw broken()
      if (arrival.index >= 0) return arrival.index
    }
  }

  /** Runs the action for the others. They are refused where it throws, or is not waited for any longer; then it ends for nobody. */
  async #act(generation: number, deadline: number, signal: AbortSignal | undefined): Promise<void> {
    let succeeded = false
    try {
      await settleWithin(this.#runAction(), deadline, signal, broken)
      succeeded = true
    } finally {
      if (!this.#agent.closed) succeeded = this.#parties.finish(generation, succeeded)
    }
    if (!succeeded) throw broken()
  }

  async #runAction(): Promise<void> {
    this.#action ??= await loadTarget(this.#readAction())
    await this.#action()
  }

  #actSync(generation: number): void {
    let succeeded = false
    try {
      this.#action ??= targetNow(this.#readAction())
      const result = this.#action()
      if (isThenable(result)) {
        abandon(result)
        throw new TypeError(
          'the action of the Barrier gave a promise, which nobody can await while this thread is blocked by waitSync(): use wait(), or an action that is not async',
        )
      }
      succeeded = true
    } finally {
      succeeded = this.#parties.finish(generation, succeeded)
    }
    if (!succeeded) throw broken()
  }

  #readAction(): TargetDescription {
    const { views, offset, at } = this.#block
    const bytes = views.i32[at + ACTION_BYTES] as number
    return this.#agent.decoder.decode(views.u8, offset + ACTION * 4, bytes) as TargetDescription
  }

  #deadlineOf(options: SyncWaitOptions | undefined): number {
    return deadlineOf(options?.timeout === undefined ? { timeout: this.#timeout } : options)
  }

  static attach(agent: Agent, block: Block, handle: Handle): Barrier {
    const timeout = handle.data[0] as number
    return new Barrier(agent, block, timeout === FOR_EVER ? Number.POSITIVE_INFINITY : timeout)
  }

  static mourn(agent: Agent, address: number): void {
    const { views, offset } = agent.space.at(address, Parties.WORDS * 4)
    new Parties(agent, views.i32, offset / 4, address).mourn()
  }
}

defineKind(KindId.barrier, {
  attach: (agent, block, handle) => Barrier.attach(agent, block as Block, handle),
  trace: Parties.trace,
  dispose: Parties.dispose,
  mourn: Barrier.mourn,
})

function broken(): BrokenBarrierError {
  return new BrokenBarrierError(
    'the barrier is broken: a party was not waited for any longer, its action failed, or it was aborted or reset. reset() makes it as new',
  )
}

/** @throws TypeError, RangeError for what is no whole number from 1 */
function checkParties(parties: unknown): void {
  if (typeof parties !== 'number') throw new TypeError(`parties must be a number; got ${shown(parties)}`)
  if (!Number.isInteger(parties) || parties < 1 || parties > 2 ** 31 - 1) {
    throw new RangeError(`parties must be a whole number from 1; got ${parties}`)
  }
}
