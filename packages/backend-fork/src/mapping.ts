import { markAsUntransferable } from 'node:worker_threads'
import type { System } from './system.js'

/** Bytes that one view shows. What is viewed counts as external memory, so that all at once would slow the garbage collector down. */
const WINDOW_BYTES = 2 ** 26

/**
 * A file mapped into this process, and the buffers through which JavaScript sees it. The whole file is mapped once, which costs address space and nothing else;
 * views are made where they are asked for, each the same object every time. It is unmapped when neither it nor any of its buffers can be reached any more.
 */
export class Mapping {
  readonly #system: System
  readonly #address: number
  readonly #bytes: number
  readonly #windows: ArrayBuffer[] = []
  /** Views of ranges that no window shows whole, by where they start. */
  readonly #ranges = new Map<number, WeakRef<ArrayBuffer>>()

  private constructor(system: System, address: number, bytes: number) {
    this.#system = system
    this.#address = address
    this.#bytes = bytes
    unmapping.register(this, () => system.unmap(address, bytes))
  }

  /** @returns `undefined` where there is no address space for it */
  static of(system: System, fd: number, bytes: number): Mapping | undefined {
    const address = system.map(fd, bytes)
    return address === undefined ? undefined : new Mapping(system, address, bytes)
  }

  /** @param at bytes from the start of the file */
  locate(at: number, bytes: number): { buffer: ArrayBuffer; offset: number } {
    const n = Math.floor(at / WINDOW_BYTES)
    const offset = at - n * WINDOW_BYTES
    if (offset + bytes > WINDOW_BYTES) return { buffer: this.#range(at, bytes), offset: 0 }
    // The last one ends with the mapping: `structuredClone(array)` reads the whole of it.
    this.#windows[n] ??= this.#view(n * WINDOW_BYTES, Math.min(WINDOW_BYTES, this.#bytes - n * WINDOW_BYTES))
    return { buffer: this.#windows[n], offset }
  }

  #range(at: number, bytes: number): ArrayBuffer {
    const known = this.#ranges.get(at)?.deref()
    if (known !== undefined && known.byteLength >= bytes) return known
    const buffer = this.#view(at, Math.ceil(bytes / 8) * 8)
    this.#ranges.set(at, new WeakRef(buffer))
    return buffer
  }

  #view(at: number, bytes: number): ArrayBuffer {
    const buffer = this.#system.view(this.#address + at, bytes)
    // Transferring it would take the memory away from everything that lies in it.
    markAsUntransferable(buffer)
    homes.set(buffer, { mapping: this, address: this.#address + at })
    return buffer
  }
}

/** Where a word of a mapping lies in this process's address space. */
export function addressOf(words: Int32Array, index: number): number {
  return (homes.get(words.buffer) as Home).address + words.byteOffset + index * 4
}

interface Home {
  /** Keeps it mapped for as long as the buffer is used. */
  readonly mapping: Mapping
  readonly address: number
}

const homes = new WeakMap<ArrayBufferLike, Home>()
const unmapping = new FinalizationRegistry<() => void>((unmap) => unmap())
