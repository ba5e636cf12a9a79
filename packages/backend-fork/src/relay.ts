import { writeDirectly } from '@multiproc/core'
import type { PipedOutput } from './piped-output.js'

/** From the pipes of all children to one stream of this process. One listener on the stream, however many they are. */
export class Relay {
  static readonly stdout = new Relay('stdout', 1)
  static readonly stderr = new Relay('stderr', 2)

  readonly #name: 'stdout' | 'stderr'
  readonly #fd: number
  readonly #open = new Set<PipedOutput>()
  /** How to go on with those that wait for the stream to have room. */
  readonly #waiting = new Set<() => void>()
  /** What was read while this process blocked. */
  #late: Uint8Array[] = []
  #listens = false
  readonly #atExit = () => this.#flushAtExit()

  private constructor(name: 'stdout' | 'stderr', fd: number) {
    this.#name = name
    this.#fd = fd
  }

  add(output: PipedOutput): void {
    this.#open.add(output)
    this.#listen()
  }

  delete(output: PipedOutput): void {
    this.#open.delete(output)
    this.#listen()
  }

  /** @returns `false` where no more is to be written before `goOn` is called */
  write(bytes: Uint8Array, goOn: () => void): boolean {
    this.#flush()
    const stream = process[this.#name]
    if (stream.write(bytes) !== false || stream.destroyed || !stream.writableNeedDrain) return true
    if (this.#waiting.size === 0) {
      const drained = () => {
        stream.off('drain', drained).off('close', drained)
        const waiting = [...this.#waiting]
        this.#waiting.clear()
        for (const one of waiting) one()
      }
      stream.on('drain', drained).on('close', drained)
    }
    this.#waiting.add(goOn)
    return false
  }

  /** Not at once: whoever blocks may be in the middle of something, and a program may have put a function of its own in the place of `write`. */
  writeSoon(bytes: Uint8Array): void {
    if (this.#late.push(bytes) === 1) queueMicrotask(() => this.#flush())
    this.#listen()
  }

  #flush(): void {
    const late = this.#late
    this.#late = []
    for (const bytes of late) process[this.#name].write(bytes)
    this.#listen()
  }

  /** What has been printed, also by those who are terminated with this process, is lost with neither. */
  #flushAtExit(): void {
    for (const output of [...this.#open]) output.take()
    const stream = process[this.#name]
    // Node's own would lose what does not fit into a pipe.
    const isOwn = !Object.hasOwn(stream, 'write') && stream.fd === this.#fd && stream.writableLength === 0
    for (const bytes of this.#late) {
      if (isOwn) writeDirectly(this.#fd, bytes)
      else stream.write(bytes)
    }
    this.#late = []
  }

  /** Only while there is something to be told of. */
  #listen(): void {
    const needed = this.#open.size > 0 || this.#late.length > 0
    if (needed === this.#listens) return
    this.#listens = needed
    if (needed) process.on('exit', this.#atExit)
    else process.off('exit', this.#atExit)
  }
}
