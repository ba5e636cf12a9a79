import { closeSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Output } from './output.js'
import { Relay } from './relay.js'
import { system } from './system.js'

/** Bytes that a child may be ahead of a parent whose event loop does not turn. Not more: a user's pipes have 64 MiB in all before the kernel makes them small. */
const PIPE_BYTES = 2 ** 18

const chunk = Buffer.allocUnsafe(2 ** 16)

/**
 * What a child prints, read from a pipe of its own and written to a stream of this process: as it comes while the event loop turns, and by looking (`take`) where
 * this process blocks. The child writes without a queue of its own, and blocks where the pipe is full.
 */
export class PipedOutput implements Output {
  readonly given: number
  readonly #fd: number
  readonly #relay: Relay
  #socket: Socket | undefined

  constructor(name: 'stdout' | 'stderr') {
    const { read, write } = system().openPipe('socket', PIPE_BYTES)
    this.#fd = read
    this.given = write
    this.#relay = Relay[name]
  }

  started(): void {
    closeSync(this.given)
    const resume = () => void this.#socket?.resume()
    const callback = (count: number, bytes: Uint8Array) => this.#relay.write(Buffer.from(bytes.subarray(0, count)), resume)
    const onread = { buffer: Buffer.allocUnsafe(2 ** 16), callback }
    this.#socket = new Socket({ fd: this.#fd, readable: true, writable: false, onread } as ConstructorParameters<
      typeof Socket
    >[0])
    this.#relay.add(this)
    this.#socket.once('end', () => this.#close()).once('error', () => this.#close())
    this.#socket.resume()
  }

  abandoned(): void {
    closeSync(this.given)
    new Socket({ fd: this.#fd }).destroy()
  }

  take(): void {
    // A child that prints without end must not keep this process here.
    for (let left = PIPE_BYTES; left > 0 && this.#socket?.destroyed === false; ) {
      const count = this.#read()
      if (count === undefined) return
      if (count === 0) return this.#close()
      this.#relay.writeSoon(Buffer.from(chunk.subarray(0, count)))
      left -= count
    }
  }

  /** `undefined`: nothing is there now. */
  #read(): number | undefined {
    try {
      return readSync(this.#fd, chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
      throw error
    }
  }

  hold(pending: boolean): void {
    if (pending) this.#socket?.ref()
    else this.#socket?.unref()
  }

  ended(): void {
    this.take()
    // Others to whom it has handed its output down may still print. They are no children of this process.
    this.hold(false)
  }

  #close(): void {
    this.#socket?.destroy()
    this.#relay.delete(this)
  }
}
