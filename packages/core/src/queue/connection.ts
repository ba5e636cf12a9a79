import type { Agent } from '../agent.js'
import type { Connection as ConnectionContract } from '../contracts/connection.js'
import { ClosedError, StateError, TimeoutError } from '../errors.js'
import { INSPECT, type InspectArguments, inspected } from '../inspect.js'
import { KindId } from '../memory/kinds.js'
import { checkOptions, deadlineOf, type SyncWaitOptions, signalOf, syncDeadline, type WaitOptions } from '../options.js'
import { Line } from '../sync/async-waiters.js'
import { spinUntil } from '../sync/spin.js'
import { asyncWaiter, type Resumption, runSync, type Suspending, syncWaiter, type Waiter } from '../sync/suspend.js'
import { type Handle, SHARE, type Shareable } from '../wire/shareable.js'
import { OutgoingItem } from './outgoing.js'
import type { PipeEnd } from './pipe-end.js'
import { EMPTY, Offered } from './ring.js'
import { WAITABLE, type Waitable } from './waitable.js'

/** What may be done at an end. */
interface Directions {
  readonly receives: boolean
  readonly sends: boolean
}

/** The pipe that a connection belongs to, and travels with. */
interface Whole extends Shareable {
  readonly ends: readonly [PipeEnd, PipeEnd]
}

/** @see ConnectionContract */
export class Connection<Received = unknown, Sent = Received> implements ConnectionContract<Received, Sent>, Shareable {
  readonly #agent: Agent
  readonly #pipe: Whole
  readonly #index: 0 | 1
  readonly #directions: Directions
  readonly #own: PipeEnd
  readonly #peer: PipeEnd
  #outgoing: OutgoingItem | undefined
  #receivers: Line | undefined
  #pollers: Line | undefined

  constructor(agent: Agent, pipe: Whole, index: 0 | 1, directions: Directions) {
    this.#agent = agent
    this.#pipe = pipe
    this.#index = index
    this.#directions = directions
    this.#own = pipe.ends[index]
    this.#peer = pipe.ends[index === 0 ? 1 : 0]
  }

  send(message: Sent): Promise<void> {
    return this.#send(message) ? Promise.resolve() : Promise.reject(this.#ended())
  }

  sendSync(message: Sent): void {
    this.#agent.assertMayBlock()
    if (!this.#send(message)) throw this.#ended()
  }

  recv(options?: WaitOptions): Promise<Received> {
    checkOptions(options, 'the options of recv()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#assertReceives()
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#receivers?.isEmpty ?? true) {
      try {
        const message = this.#own.incoming.take()
        if (message !== EMPTY) return Promise.resolve(message as Received)
      } catch (error) {
        return Promise.reject(error)
      }
    }
    this.#receivers ??= new Line()
    return this.#agent.waiters.run(this.#receivers, this.#recvSlow(asyncWaiter(this.#agent)), deadline, signal)
  }

  recvSync(options?: SyncWaitOptions): Received {
    const deadline = syncDeadline(options, 'the options of recvSync()')
    this.#agent.assertMayBlock()
    this.#assertReceives()
    const ring = this.#own.incoming
    const message = ring.take()
    if (message !== EMPTY) return message as Received
    // An answer often comes within a few microseconds, and falling asleep and being woken takes longer.
    if (spinUntil(this.#agent, () => ring.isReady)) {
      const spun = ring.take()
      if (spun !== EMPTY) return spun as Received
    }
    return runSync(this.#agent, this.#recvSlow(syncWaiter(this.#agent)), deadline)
  }

  poll(options?: WaitOptions): Promise<boolean> {
    checkOptions(options, 'the options of poll()')
    const deadline = deadlineOf(options)
    const signal = signalOf(options)
    this.#assertReceives()
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (options === undefined || this.#own.incoming.isReady) return Promise.resolve(this.#isReady())
    this.#pollers ??= new Line()
    return this.#agent.waiters.run(this.#pollers, this.#pollSlow(asyncWaiter(this.#agent)), deadline, signal)
  }

  pollSync(options?: SyncWaitOptions): boolean {
    const deadline = syncDeadline(options, 'the options of pollSync()')
    this.#agent.assertMayBlock()
    this.#assertReceives()
    const ring = this.#own.incoming
    if (options === undefined || ring.isReady) return this.#isReady()
    if (spinUntil(this.#agent, () => ring.isReady)) return true
    return runSync(this.#agent, this.#pollSlow(syncWaiter(this.#agent)), deadline)
  }

  close(): void {
    if (!this.#agent.closed) this.#own.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Received, undefined, undefined> {
    for (;;) {
      let message: Received
      try {
        message = await this.recv()
      } catch (error) {
        if (error instanceof ClosedError && this.#own.incoming.isShut) return undefined
        throw error
      }
      yield message
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [SHARE](): Handle {
    return { agent: this.#agent, kind: KindId.connection, id: 0, data: [this.#index], parts: [this.#pipe] } as Handle
  }

  [WAITABLE](): Waitable {
    this.#assertReceives()
    const { incoming } = this.#own
    const examine = () => void this.#peer.closeIfDeserted(true)
    return { agent: this.#agent, ...incoming.arrivals, isReady: () => incoming.isReady, examine }
  }

  [INSPECT](...how: InspectArguments): string {
    const state = () => {
      this.#agent.assertOpen()
      return { readable: this.#directions.receives, writable: this.#directions.sends, closed: this.#own.isClosed }
    }
    return inspected('Connection', state, how)
  }

  /** `false` where either end has been closed meanwhile. */
  #send(message: Sent): boolean {
    this.#agent.assertOpen()
    if (!this.#directions.sends) throw new StateError('this end of a one-way pipe only receives; send at the other end')
    if (this.#own.isClosed) throw closedHere()
    this.#outgoing ??= new OutgoingItem(this.#agent)
    const outgoing = this.#outgoing.prepare(message, 'message')
    const ring = this.#own.outgoing
    let offered: Offered | undefined
    try {
      if (this.#own.use()) offered = ring.offer(outgoing)
    } finally {
      if (offered === Offered.done) outgoing.done()
      else outgoing.discard()
    }
    if (offered === Offered.done) return true
    // At the death of those who should have received them, nobody had the time to free what they left.
    if (ring.isDropped) ring.clear()
    return false
  }

  #assertReceives(): void {
    this.#agent.assertOpen()
    if (!this.#directions.receives) throw new StateError('this end of a one-way pipe only sends; receive at the other end')
    if (!this.#own.use()) throw closedHere()
  }

  /** Whether a `recv` would not wait, as well as can be found out now. */
  #isReady(): boolean {
    return this.#own.incoming.isReady || this.#peer.closeIfDeserted(true)
  }

  *#recvSlow(waiter: Waiter): Suspending<Received> {
    const ring = this.#own.incoming
    let message: unknown = EMPTY
    const isOver = yield* ring.drain(
      waiter,
      0,
      this.#unlessDeserted(() => {
        // Shut is read first: once it is seen, no send is under way any more, and what the take does not find will never come.
        const shut = ring.isShut
        message = ring.take()
        return message !== EMPTY || shut
      }),
    )
    if (message !== EMPTY) return message as Received
    throw isOver ? this.#ended() : new TimeoutError('no message came in time')
  }

  *#pollSlow(waiter: Waiter): Suspending<boolean> {
    const ring = this.#own.incoming
    const isReady = yield* ring.drain(
      waiter,
      0,
      this.#unlessDeserted(() => ring.isReady),
    )
    if (isReady) ring.passOn()
    return isReady
  }

  /** A look at what is waited for; before the first sleep, whether those at the other end live. */
  #unlessDeserted(look: () => boolean): (resumption: Resumption | undefined) => boolean {
    let examined = false
    return (resumption) => {
      if (resumption === 'aborted') return false
      if (look()) return true
      if (examined) return false
      examined = true
      return this.#peer.closeIfDeserted(true) && look()
    }
  }

  #ended(): ClosedError {
    if (this.#own.isClosed) return closedHere()
    return new ClosedError('the other end of the pipe is closed, or every process that used it has ended')
  }
}

function closedHere(): ClosedError {
  return new ClosedError('this end of the pipe is closed, or every process that used it has ended')
}
