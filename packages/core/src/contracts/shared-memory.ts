/** Names are files of the system: whoever may read and write them, may attach. */
export interface SharedMemoryOptions {
  /** Of what to attach to; of what to create, by default a new one (`psm_…`). At most 250 bytes, without slashes. */
  readonly name?: string | undefined
  /** Make it; default: attach to what is there. */
  readonly create?: boolean | undefined
  /** Bytes, from 1 to 4 GiB; of what is created only. */
  readonly size?: number | undefined
}

/**
 * Bytes that any program of this machine finds by name: for programs that did not start each other. (Within a family an Array is simpler, and cleaned up by itself.)
 * As in Python, but for its resource tracker: what was created stays, whoever ends, until somebody calls `unlink()` or the machine is restarted.
 * On Linux it is a file in `/dev/shm`, and Python's `SharedMemory` of the same name is the same memory.
 *
 * It does not travel; send its name. The constructor throws
 * a NotSupportedError where the backend cannot (`capabilities.namedMemory`); a StateError for creating a name that is taken, and for attaching to one that nothing has or
 * that has no bytes (`cause` is the system's error, with code `EEXIST` or `ENOENT`); a ResourceError where there is no room: all of it is reserved at once;
 * TypeError, RangeError for names and sizes that cannot be.
 */
export interface SharedMemory {
  readonly name: string
  /** Bytes: on Linux exactly as many as it was created with. Other systems may round up to whole pages. */
  readonly size: number
  /**
   * The bytes. Nobody takes turns by itself: use Atomics on a view of `buf.buffer`, or a lock.
   * @throws ClosedError after `close()`
   */
  readonly buf: Uint8Array
  /** This object's access ends. Views that are still referred to stay usable, and keep the memory mapped, until they are collected. Closing twice is fine. */
  close(): void
  /**
   * Takes the name away, so that nobody can attach any more and another can be created. The bytes stay as long as anyone has them open. Works after `close()`, too.
   * @throws StateError where nothing has the name
   */
  unlink(): void
  [Symbol.dispose](): void
}
