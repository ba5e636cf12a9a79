import type { Doorbell, Memory } from '../../src/backend.js'

/**
 * Memory for agents that all live in this thread, so that a test decides every step: nothing sleeps, bells ring by microtask, the system has as much memory as
 * the test says, and agents are dead when the test says so.
 */
export class TestMemory implements Memory {
  readonly segmentBytes: number
  readonly capacity: number
  /** Bytes that the system gives. */
  limit: number
  /** Number of the life that the next agent announces. */
  nextLife = 1
  /** The lives that have ended, whether or not anybody has noticed. */
  readonly ended = new Set<number>()
  readonly #segments: SharedArrayBuffer[]
  readonly #bells = new Map<number, () => void>()
  #looks = 0

  constructor(segmentBytes = 2 ** 22, segments = 1) {
    this.segmentBytes = segmentBytes
    this.capacity = segmentBytes * segments
    this.limit = this.capacity
    this.#segments = Array.from({ length: segments }, () => new SharedArrayBuffer(0, { maxByteLength: segmentBytes }))
  }

  size(): number {
    return this.#segments.reduce((bytes, segment) => bytes + segment.byteLength, 0)
  }

  grow(bytes: number): boolean {
    if (bytes > this.limit) return false
    for (const [n, segment] of this.#segments.entries()) {
      const wanted = Math.min(this.segmentBytes, bytes - n * this.segmentBytes)
      if (segment.byteLength < wanted) segment.grow(wanted)
    }
    return true
  }

  locate(address: number, bytes: number): { buffer: SharedArrayBuffer; offset: number } {
    const n = Math.floor(address / this.segmentBytes)
    const offset = address - n * this.segmentBytes
    const buffer = this.#segments[n]
    if (!buffer || offset + bytes > buffer.byteLength) throw new Error(`no segment has ${bytes} bytes at ${address}`)
    return { buffer, offset }
  }

  /** Time passes at once: a wait that must end by itself has ended, any other would last for ever. */
  wait(words: Int32Array, index: number, value: number, timeout: number): 'not-equal' | 'timed-out' {
    if (Atomics.load(words, index) !== value) return 'not-equal'
    if (timeout === Number.POSITIVE_INFINITY || ++this.#looks > 1000) throw new Error('this wait would last for ever')
    return 'timed-out'
  }

  notify(words: Int32Array, index: number, _count: number): number {
    // One of the steps at which an agent can die: see `death.ts`.
    return Atomics.notify(words, index, 0)
  }

  openDoorbell(_words: Int32Array, index: number, onRing: () => void): Doorbell {
    this.#bells.set(index, onRing)
    return { hold: () => {}, close: () => this.#bells.delete(index) }
  }

  ring(words: Int32Array, index: number): void {
    queueMicrotask(() => {
      Atomics.store(words, index, 0)
      this.#bells.get(index)?.()
    })
  }

  announce(): readonly [number, number] {
    return [this.nextLife++, 0]
  }

  isAlive(life: number): boolean {
    return !this.ended.has(life)
  }

  close(): void {}
}
