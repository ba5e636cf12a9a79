import { existsSync } from 'node:fs'
import { NotSupportedError } from '@multiproc/core'
import { linux } from './linux.js'

/**
 * What memory that processes share needs of the operating system, and nothing more. `linux.ts` is the one translation so far; `docs/platforms.md` in the
 * repository says which calls macOS and Windows have for each.
 */
export interface System {
  /**
   * A file of `bytes` bytes that exists only in memory and has no name: it is gone with the last process that has it open.
   * @returns its descriptor, which no program started from here inherits unless told so
   */
  createFile(bytes: number): number
  /** A nameless file with this content, for whoever inherits its descriptor. */
  fileOf(content: Uint8Array): number
  /** Another descriptor of the same file, with locks of its own. */
  reopen(fd: number): number
  /** Finds room for these bytes of the file now, so that touching them cannot fail later. `false` where there is none. */
  reserve(fd: number, from: number, bytes: number): boolean
  /** Maps the first `bytes` bytes of the file. @returns the address; `undefined` where there is no address space for it */
  map(fd: number, bytes: number): number | undefined
  unmap(address: number, bytes: number): void
  /** The memory at an address, as JavaScript sees it. It is not freed with the buffer. */
  view(address: number, bytes: number): ArrayBuffer
  /** Sleeps while the 32-bit word at the address holds `value`, at most `ms`. A signal may end it early. */
  sleep(address: number, value: number, ms: number): 'ok' | 'not-equal' | 'timed-out'
  /** Wakes up to `count` sleepers of the word, in any process; how many. */
  wake(address: number, count: number): number
  /** Takes a lock on one byte of the file, which ends with the descriptor or the process, however that ends. */
  claim(fd: number, byte: number): void
  /** Whether anyone has claimed the byte through another descriptor. */
  isClaimed(fd: number, byte: number): boolean
  /**
   * A pipe that no program started from here inherits unless told so, and that is closed with the thread that opens it. Neither end blocks.
   * @param closedBy what the reading end is for: a `Socket`, which closes it, and with whose thread it ends; or nothing of Node's. (What Node knows of for both
   *   reasons it would close twice in a worker thread, where the number may be another's by then.)
   * @param bytes that there is to be room for, where the system allows
   * @returns both descriptors
   */
  openPipe(closedBy: 'socket' | 'thread', bytes?: number): { readonly read: number; readonly write: number }
  /**
   * Opens the pipe that another process reads from, or connects to the address at which that one listens, for writing without ever blocking; `undefined` where
   * the process or its pipe is gone.
   */
  openPipeOf(pid: number, fd: number, inode: number): number | undefined
  inodeOf(fd: number): number
  /** Opens the pipe behind a descriptor anew, for writing without ever blocking; `undefined` where the system does not let it be. */
  reopenPipe(fd: number): number | undefined
  /** Whether reading and writing blocks; for all who have inherited the descriptor. */
  blocks(fd: number): boolean
  setBlocking(fd: number, blocks: boolean): void
  /** Where another process can be reached whose pipe may not be opened. */
  addressOf(pid: number, inode: number): string
  /** Whether its siblings may not be allowed to open this process's pipes, now or later: it has changed its user, or could. */
  mayBeBarred(): boolean
  /** A pipe into which nothing is ever written. Its end is that of the thread which opens it, however that ends. @returns the reading end */
  openLifeline(): number
  /**
   * Prepares the life of a child to end with a lifeline, whatever the child is doing and however far it has come.
   * @returns the descriptor that it is to inherit, and is closed here afterwards; `bind` says which process that is
   */
  tether(lifeline: number): { readonly fd: number; bind(pid: number): void }
  /**
   * Ends this process with its starter's lifeline by its own rights, whoever either of them becomes.
   * @param lifeline what it has inherited, which is taken over
   */
  endWith(lifeline: number): void
  /** Opens memory that is found by its name. Errors are Node's. @param creates makes it, and fails where there is one */
  openNamed(name: string, creates: boolean): number
  unlinkNamed(name: string): void
  /** How a child has ended, without taking that from whoever waits for it; `undefined` while it runs. */
  exitOf(pid: number): { readonly code: number } | undefined
  /** Waits for the end of a killed child and takes the news from whoever waits for it: it leaves no zombie. */
  reap(pid: number): void
}

let loaded: System | undefined

/**
 * The running system's calls, bound on first use.
 * @throws NotSupportedError where processes cannot share memory (yet)
 */
export function system(): System {
  if (loaded) return loaded
  const reason = refusal()
  if (reason !== undefined) throw notSupported(reason)
  try {
    loaded = linux()
  } catch (error) {
    throw notSupported(`koffi, through which it calls the system, could not be used: ${(error as Error).message}`, error)
  }
  return loaded
}

function refusal(): string | undefined {
  if (process.versions.electron !== undefined) return 'Electron does not let JavaScript see memory from outside of its own'
  if (process.platform !== 'linux') return `it runs on Linux so far, and this is ${process.platform}`
  if (process.arch !== 'x64' && process.arch !== 'arm64') return `it runs on x64 and arm64, and this is ${process.arch}`
  return (
    deniedBy(process.permission) ??
    (existsSync('/proc/self/fd') ? undefined : 'there is no /proc, through which processes find each other')
  )
}

/** Node's permission model, where the program runs under it. */
interface Permission {
  has(scope: string): boolean
}

/** What of what it needs the permission model denies. */
function deniedBy(permission: Permission | undefined): string | undefined {
  if (!permission) return undefined
  const denied = Object.entries(NEEDED).filter(([scope]) => !permission.has(scope))
  if (denied.length === 0) return undefined
  return `Node's permission model denies what it needs: run the program with ${denied.map(([, flag]) => flag).join(' ')}`
}

/** Scopes, and how to grant them. */
const NEEDED = { 'fs.read': '--allow-fs-read=*', 'fs.write': '--allow-fs-write=*', child: '--allow-child-process' }

function notSupported(reason: string, cause?: unknown): NotSupportedError {
  const message = `@multiproc/backend-fork cannot share memory between processes here: ${reason}. Use @multiproc/backend-threads`
  return new NotSupportedError(message, cause === undefined ? undefined : { cause })
}
