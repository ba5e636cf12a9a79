import type { HandlePort } from './shareable.js'
import { Writer } from './writer.js'

const NO_HANDLES: readonly number[] = Object.freeze([])

/**
 * Turns values into messages, in the format of `tags.ts`. One per agent is enough: a getter that is read on the way may itself encode and copy with the
 * same encoder.
 */
export class Encoder {
  readonly #port: HandlePort
  /** One for each encoding that is under way, the outermost first, and those of earlier ones. */
  readonly #writers: Writer[] = []
  #active = 0
  /** Holds the last message. */
  #written: Writer
  #size = 0
  #handles = NO_HANDLES

  constructor(port: HandlePort) {
    this.#port = port
    this.#written = this.#writerAt(0)
  }

  /** Bytes of the last message, a multiple of 8. */
  get size(): number {
    return this.#size
  }

  /** The ids of all handles in the last message, in order of appearance, those of parts included. */
  get handles(): readonly number[] {
    return this.#handles
  }

  /**
   * Encodes `value`. Large buffers in it are not copied yet: `copyTo` does that.
   *
   * @param path How the root is called in errors: 'args', 'item', 'result', …
   * @throws NotCloneableError if anything in `value` cannot travel, naming it. The encoder is then empty and as good as new.
   */
  encode(value: unknown, path: string): void {
    const writer = this.#writerAt(this.#active)
    if (typeof value === 'number' && (value | 0) === value && (value !== 0 || 1 / value > 0)) {
      writer.writeInt(value)
      this.#finish(writer, NO_HANDLES)
      return
    }
    this.#active++
    try {
      writer.write(value, path)
    } catch (error) {
      this.#finish(writer, NO_HANDLES)
      throw error
    } finally {
      this.#active--
    }
    this.#finish(writer, writer.handles.length === 0 ? NO_HANDLES : writer.handles)
  }

  /**
   * Copies the message to `target`, on shared memory or not, at the byte `offset`, a multiple of 8. To be called once, synchronously after `encode`.
   */
  copyTo(target: Uint8Array, offset: number): void {
    this.#written.copyTo(target, offset)
    this.#written.release()
  }

  /** The message in memory of its own. Takes the place of `copyTo`. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#size)
    this.copyTo(bytes, 0)
    return bytes
  }

  #finish(writer: Writer, handles: readonly number[]): void {
    this.#written = writer
    this.#size = writer.byteSize
    this.#handles = handles
  }

  #writerAt(depth: number): Writer {
    let writer = this.#writers[depth]
    if (writer === undefined) {
      writer = new Writer(this.#port)
      this.#writers[depth] = writer
    }
    return writer
  }
}
