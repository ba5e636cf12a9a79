import type { SyncWaitOptions, WaitOptions } from '../options.js'

export interface PipeOptions {
  /** Whether both ends can send and receive; default true. Otherwise the first end only receives, and the second only sends. */
  readonly duplex?: boolean | undefined
}

/**
 * One end of a Pipe. Any number of agents may use an end; each message sent at one end is received once at the other, whole, in the order of the sends.
 *
 * An end is closed by `close`, for everyone, and when every agent that ever sent, received or polled on it has died. What was sent before still arrives.
 * Nothing is closed by an end that nobody ever used. Who starts several users of an end keeps it open by using it as well, if only by a `poll()`: the first of them may
 * have ended before the next one begins.
 */
export interface Connection<Received = unknown, Sent = Received> {
  /**
   * Sends a message; done once it is in shared memory: the sender may end, or be killed, right after. Never waits: messages that nobody has received yet are
   * bounded only by memory.
   * @throws ClosedError when either end is closed; StateError at an end that only receives; NotCloneableError, at the call, for what cannot travel
   */
  send(message: Sent): Promise<void>
  /** As `send`. */
  sendSync(message: Sent): void
  /**
   * Takes the oldest message, waiting for one.
   * @throws TimeoutError when time ran out; ClosedError when this end is closed, or when the other one is and all that was sent there has been received;
   * StateError at an end that only sends
   */
  recv(options?: WaitOptions): Promise<Received>
  /** As `recv`, blocking this thread. */
  recvSync(options?: SyncWaitOptions): Received
  /**
   * Whether a `recv` would not have to wait: there is a message, or it would throw a ClosedError. Without options it looks now; with options it waits for that, for
   * ever where they have no timeout; false when time ran out.
   * @throws ClosedError when this end is closed; StateError at an end that only sends
   */
  poll(options?: WaitOptions): Promise<boolean>
  /** As `poll`, blocking this thread. */
  pollSync(options?: SyncWaitOptions): boolean
  /** Closes this end for everyone. What was sent here can still be received; what was not received here is dropped. */
  close(): void
  /** The messages as they come, until this end is closed, or the other one is and all has been received. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Received>
  [Symbol.dispose](): void
}
