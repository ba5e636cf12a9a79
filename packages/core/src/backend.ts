/**
 * The seam between multiproc and the platform it runs on. Everything above it is written once, in core; a backend translates these few
 * calls and decides nothing.
 */

import type { Engine } from './engine.js'

/** What a backend can do. Data, never methods; code branches on these and never on a backend's name. */
export interface Capabilities {
  /** Whether a child shares the parent's address space (a crash of native code takes all) or is an OS process. */
  readonly isolation: 'thread' | 'process'
  /** The sync forms work (`acquireSync`, `getSync`, `mapSync`, …), the main thread included. */
  readonly sync: boolean
  /** Buffers can move to another agent instead of being copied. */
  readonly transfer: boolean
  /**
   * When the death of an agent is noticed: at any time, or only while the event loop of the one that started it turns. With
   * `'event-loop'` a sync wait in that very agent cannot learn that its child died.
   */
  readonly liveness: 'anytime' | 'event-loop'
  /** Signals reach a single child (`exitCode` -N for signal N). */
  readonly signals: boolean
  /**
   * Where a pool's worker is to end and still has tasks in hand (`maxTasksPerChild`; one of several was cancelled), its successor is started before it has ended;
   * otherwise afterwards.
   */
  readonly standby: boolean
  /**
   * A blocked thread can wait for its pools and for the calls that they have (`pool.joinSync`, `AsyncResult.getSync` and `waitSync`); otherwise their workers need its event
   * loop. `mapSync` and `applySync` work in any case.
   */
  readonly poolSync: boolean
  /** Shared memory can be opened by name from unrelated programs: the backend has {@link Backend.namedMemory}. */
  readonly namedMemory: boolean
}

/** What a backend has that says nothing else. */
export const defaultCapabilities: Capabilities = {
  isolation: 'thread',
  sync: true,
  transfer: false,
  liveness: 'event-loop',
  signals: false,
  standby: true,
  poolSync: true,
  namedMemory: false,
}

/** The glue between multiproc and one way of running code elsewhere. `E` is what its pools' `engine` is. */
export interface Backend<E extends object | undefined = object | undefined> {
  /** As in the package's name: `threads` for `@multiproc/backend-threads`. */
  readonly name: string
  readonly capabilities: Capabilities
  /** New, empty memory for a new family of agents. */
  createMemory(): Memory
  readonly launcher: Launcher
  /** Present where `capabilities.namedMemory` says so. */
  readonly namedMemory?: NamedMemory
  /**
   * A new engine for a pool, of a backend that is a pool itself; without it, core's own runs over the launcher.
   * @param processes how many workers were asked for; `undefined`: as many as the backend's options or the machine say
   * @param concurrency how many tasks a worker is to have in hand; `undefined`: as many as the backend's options say
   */
  createEngine?(processes: number | undefined, concurrency: number | undefined): Engine<NonNullable<E>>
}

/** What the `engine` of a backend's pools is. */
export type EngineOf<B extends Backend> = B extends Backend<infer E> ? E : never

/**
 * Memory that unrelated programs find by name, and that outlives them. Names and sizes are checked before they get here. What the system refuses is thrown as it is,
 * with its `code`.
 */
export interface NamedMemory {
  /** Makes it, of zeros. All of its pages are there from then on, so that touching them cannot fail. @throws with code EEXIST where the name is taken; nothing is left behind */
  create(name: string, bytes: number): ArrayBuffer
  /** All of what has that name. @throws with code ENOENT where nothing has */
  open(name: string): ArrayBuffer
  /** Takes the name away; the bytes stay as long as any buffer of them, anywhere. @throws with code ENOENT where nothing has it */
  unlink(name: string): void
}

/** Bytes that every agent of a family sees, with the means to sleep on a word of them. */
export interface Memory {
  /** Bytes that this memory can ever hold. */
  readonly capacity: number
  /** Bytes; no range asked of {@link locate} crosses a multiple of it. */
  readonly segmentBytes: number
  /** Bytes usable now, by any agent: addresses `0 … size`. Fresh bytes are zero. */
  size(): number
  /** Makes addresses up to `bytes` usable, in every agent at once. `false` where the system has no more. */
  grow(bytes: number): boolean
  /** Where the bytes at `address` lie in this agent. The same buffer object every time, so that views can be kept. */
  locate(address: number, bytes: number): { readonly buffer: ArrayBufferLike; readonly offset: number }
  /**
   * Sleeps while the word holds `value`, at most `timeout` ms (`Infinity` allowed). May wake early: callers look again.
   * Has the memory order of `Atomics.wait`.
   */
  wait(words: Int32Array, index: number, value: number, timeout: number): 'ok' | 'not-equal' | 'timed-out'
  /** Wakes up to `count` sleepers of the word; how many were asleep. */
  notify(words: Int32Array, index: number, count: number): number
  /** Starts to watch this agent's own bell, a word that others set to 1 and then ring. One bell an agent; the three words behind it are the memory's own. */
  openDoorbell(words: Int32Array, index: number, onRing: () => void): Doorbell
  /** Wakes the event loop of the agent whose bell this word is, after it was set to 1. (Its thread may sleep on the word, too; whoever sets it notifies that.) */
  ring(words: Int32Array, index: number): void
  /** Makes this agent's life visible to the others: two words for its slot, to be given to their {@link isAlive}. */
  announce(): readonly [number, number]
  /** Whether the agent that announced these words still runs; `undefined` where this platform cannot tell. */
  isAlive(first: number, second: number): boolean | undefined
  /** This agent is done with it: others no longer see it alive. Bytes that something still refers to stay. */
  close(): void
}

/** The one thing through which an agent's event loop is woken. */
export interface Doorbell {
  /** While `true`, the open doorbell keeps the agent alive as pending I/O would. */
  hold(pending: boolean): void
  close(): void
}

/** What a child is started with. */
export interface LaunchSpec {
  readonly memory: Memory
  /** Passed through to `startChild` unread, as structured clone would: plain data and typed arrays. */
  readonly boot: BootData
  readonly name: string
  /** Laid over the environment of this agent; `undefined` removes a variable. */
  readonly env: Readonly<Record<string, string | undefined>> | undefined
}

/** What core in the parent tells core in the child. */
export interface BootData {
  /** The child's place in the family: `Family.claim`. */
  readonly tag: number
  /** The encoded target and arguments. */
  readonly payload: Uint8Array
}

/** Starts agents. */
export interface Launcher {
  /**
   * Starts a child that attaches `spec.memory` and calls core's `startChild`. Never waits for it.
   * @throws what the platform throws when it cannot have one more; then nothing is left behind.
   */
  launch(spec: LaunchSpec, onExit: (exit: Exit) => void): Child
}

/** How a child ended. */
export interface Exit {
  /** N for `process.exit(N)`, -N for signal N. */
  readonly code: number
  /** An error that ended the child outside its own code (out of memory, a broken entry). */
  readonly error?: unknown
}

/** A started child. */
export interface Child {
  /** OS pid, or thread id. */
  readonly pid: number
  /** How it ended, looked up without this agent's event loop; `undefined` while it runs, or where the platform cannot tell. */
  look?(): Exit | undefined
  /** Ends it wherever it is, also in a sync wait or an endless loop. `force` is the difference of SIGKILL from SIGTERM. */
  kill(force: boolean): void
  /** Whether the running child keeps this agent alive. */
  hold(pending: boolean): void
}
