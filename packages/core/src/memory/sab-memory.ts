import type { Doorbell, Memory } from '../backend.js'
import { announceThread, threadLives } from './thread-liveness.js'

/** The most that one growable buffer may hold on every supported Node (20 refuses more than 4 GiB). */
const SEGMENT_BYTES = 4 * 2 ** 30

interface GrowableSharedArrayBuffer extends SharedArrayBuffer {
  readonly growable: boolean
  grow(bytes: number): void
}

const GrowableBuffer = SharedArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => GrowableSharedArrayBuffer

/**
 * Memory in the JavaScript standard's own terms, for every backend whose agents are threads of one process.
 *
 * Growable buffers are reserved address space: they cost neither time nor pages until touched, anyone may grow one, and all see it at once,
 * an agent asleep in `Atomics.wait` included. So all of them are handed over when an agent starts and nothing is ever announced.
 */
export class SabMemory implements Memory {
  readonly segmentBytes = SEGMENT_BYTES
  readonly capacity: number
  /** What another agent of this process attaches with: `SabMemory.attach`. */
  readonly segments: readonly SharedArrayBuffer[]

  private constructor(segments: readonly SharedArrayBuffer[]) {
    this.segments = segments
    this.capacity = segments.length * SEGMENT_BYTES
  }

  /** @param segments how many times 4 GiB of address space to reserve */
  static create(segments = 4): SabMemory {
    return new SabMemory(Array.from({ length: segments }, () => new GrowableBuffer(0, { maxByteLength: SEGMENT_BYTES })))
  }

  static attach(segments: readonly SharedArrayBuffer[]): SabMemory {
    return new SabMemory(segments)
  }

  size(): number {
    let bytes = 0
    for (const segment of this.segments) {
      bytes += segment.byteLength
      if (segment.byteLength < SEGMENT_BYTES) break
    }
    return bytes
  }

  grow(bytes: number): boolean {
    for (const [n, segment] of this.segments.entries()) {
      const wanted = Math.min(SEGMENT_BYTES, bytes - n * SEGMENT_BYTES)
      if (wanted <= 0) return true
      try {
        // Another agent may have grown it further in between; growing to less than it is throws.
        if (segment.byteLength < wanted) (segment as GrowableSharedArrayBuffer).grow(wanted)
      } catch {
        if (segment.byteLength < wanted) return false
      }
    }
    return bytes <= this.capacity
  }

  locate(address: number, _bytes: number): { buffer: SharedArrayBuffer; offset: number } {
    const n = Math.floor(address / SEGMENT_BYTES)
    const buffer = this.segments[n]
    if (buffer === undefined) throw new RangeError(`address ${address} lies beyond the memory's ${this.capacity} bytes`)
    return { buffer, offset: address - n * SEGMENT_BYTES }
  }

  wait(words: Int32Array, index: number, value: number, timeout: number): 'ok' | 'not-equal' | 'timed-out' {
    return Atomics.wait(words, index, value, timeout)
  }

  notify(words: Int32Array, index: number, count: number): number {
    return Atomics.notify(words, index, count)
  }

  openDoorbell(words: Int32Array, index: number, onRing: () => void): Doorbell {
    return new SabDoorbell(words, index, onRing)
  }

  ring(words: Int32Array, index: number): void {
    Atomics.notify(words, index, 1)
  }

  announce(): readonly [number, number] {
    return announceThread()
  }

  isAlive(first: number, second: number): boolean | undefined {
    return threadLives(first, second)
  }

  close(): void {}
}

/**
 * `Atomics.waitAsync` on the agent's own word, and only there: on a lock's or queue's word it would take notifications meant for sync
 * sleepers, could not be cancelled, and does not keep Node alive.
 */
class SabDoorbell implements Doorbell {
  #closed = false
  /** A timer is the cheapest handle that can be ref'd and unref'd; it never has to fire. */
  readonly #keepAlive = setInterval(() => {}, 2 ** 30).unref()

  constructor(words: Int32Array, index: number, onRing: () => void) {
    this.#listen(words, index, onRing)
  }

  #listen(words: Int32Array, index: number, onRing: () => void): void {
    const rung = () => {
      if (this.#closed) return
      // Lower the bell before looking around: whoever changes something from here on rings anew.
      Atomics.store(words, index, 0)
      this.#listen(words, index, onRing)
      onRing()
    }
    const waiting = waitAsync(words, index, 0)
    if (waiting.async) void waiting.value.then(rung)
    else setImmediate(rung)
  }

  hold(pending: boolean): void {
    if (this.#closed) return
    if (pending) this.#keepAlive.ref()
    else this.#keepAlive.unref()
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#keepAlive)
  }
}

type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { async: true; value: Promise<string> } | { async: false; value: string }
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync }
