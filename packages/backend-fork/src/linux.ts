import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { freemem } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { leftInCgroup } from './cgroup.js'
import { isExhausted } from './resources.js'
import type { System } from './system.js'

/**
 * Linux's calls, glibc's or musl's, on x64 and arm64. Each costs about 250 ns to get to. Constants are those of the kernel's headers, which are the same on
 * both architectures unless said otherwise.
 */
const SYS_FUTEX = process.arch === 'arm64' ? 98 : 202
const FUTEX_WAIT = 0
const FUTEX_WAKE = 1
const MFD_CLOEXEC = 1
const PROT_READ_WRITE = 3
const MAP_SHARED_NORESERVE = 0x4001
const MAP_FAILED = 2 ** 64
const F_GETFL = 3
const F_SETPIPE_SZ = 1031
const F_OFD_GETLK = 36
const F_OFD_SETLK = 37
const F_WRLCK = 1
const F_UNLCK = 2
const O_CLOEXEC = 0o2000000
const F_SETFL = 4
const F_SETOWN = 8
const F_SETSIG = 10
const O_ASYNC = 0o20000
const SIGKILL = 9
const PR_GET_DUMPABLE = 3
const AF_UNIX = 1
const SOCK_STREAM = 1
const P_PID = 1
const WEXITED = 4
const WAIT_EXITED_NOHANG_NOWAIT = WEXITED | 1 | 0x01000000
const CLD_EXITED = 1

/** Where files are that are only memory and have a name: what `shm_open` opens, of whatever language. */
const NAMED = '/dev/shm/'
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
/** For this user alone, as Python has it. */
const MODE = 0o600

/** @throws where koffi cannot be loaded, or libc lacks a call */
export function linux(): System {
  // Here and not above: a program that only imports the package need neither wait for it nor have it.
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  const libc = koffi.load(null)
  const memfdCreate = libc.func('int memfd_create(const char *name, unsigned int flags)')
  const fallocate = libc.func('int fallocate(int fd, int mode, int64_t offset, int64_t length)')
  const mmap = libc.func('uintptr_t mmap(uintptr_t address, size_t length, int prot, int flags, int fd, int64_t offset)')
  const munmap = libc.func('int munmap(uintptr_t address, size_t length)')
  const futex = libc.func(
    'long syscall(long number, uintptr_t word, int operation, uint32_t value, void *timeout, uintptr_t word2, uint32_t value3)',
  )
  const fcntl = libc.func('int fcntl(int fd, int command, void *lock)')
  const fcntlSet = libc.func('int fcntl(int fd, int command, int value)')
  const pipe2 = libc.func('int pipe2(void *fds, int flags)')
  const close = libc.func('int close(int fd)')
  const prctl = libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)')
  const socket = libc.func('int socket(int domain, int type, int protocol)')
  const connect = libc.func('int connect(int fd, void *address, uint32_t length)')
  const waitid = libc.func('int waitid(int type, uint32_t id, void *info, int options)')
  const { EINTR, EAGAIN, ETIMEDOUT } = koffi.os.errno as { EINTR: number; EAGAIN: number; ETIMEDOUT: number }

  const timespec = new BigInt64Array(2)
  /** struct flock: type and whence in the first word, then start and length, and a pid that must be 0. */
  const flock = new BigInt64Array(4)
  const siginfo = new Int32Array(32)

  const failed = (call: string): Error => {
    const code = getSystemErrorName(-koffi.errno())
    return Object.assign(new Error(`the system refuses ${call}: ${code}`), { code, errno: -koffi.errno(), syscall: call })
  }

  const lock = (fd: number, command: number, type: number, byte: number): number => {
    flock[0] = BigInt(type)
    flock[1] = BigInt(byte)
    flock[2] = 1n
    flock[3] = 0n
    return fcntl(fd, command, flock)
  }

  /** Where the other end listens for those who may not open its pipe (an abstract address: a zero, then the name). */
  const connectTo = (address: string): number | undefined => {
    const fd = socket(AF_UNIX, SOCK_STREAM | constants.O_NONBLOCK | O_CLOEXEC, 0)
    if (fd < 0) throw failed('socket')
    // struct sockaddr_un: the family, in two bytes of the machine's order, then the name.
    const name = Buffer.concat([new Uint8Array(Uint16Array.of(AF_UNIX).buffer), Buffer.from(address)])
    if (connect(fd, name, name.length) === 0) return fd
    close(fd)
    return undefined
  }

  // A descriptor that Node opened is closed with the worker thread that did, even where that was terminated.
  const reopen = (fd: number, flags: number): number => openSync(`/proc/self/fd/${fd}`, flags)

  /** A description of its own, at whose end the kernel kills the process that it is told of (F_SETOWN): whom to signal, and how, belongs to a description. */
  const signallingEnd = (pipe: number): number => {
    const own = reopen(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    if (fcntlSet(own, F_SETSIG, SIGKILL) === 0 && fcntlSet(own, F_SETFL, O_ASYNC | constants.O_NONBLOCK) === 0) return own
    const error = failed('fcntl')
    closeSync(own)
    throw error
  }

  return {
    createFile(bytes) {
      const raw = memfdCreate('multiproc', MFD_CLOEXEC)
      if (raw < 0) throw failed('memfd_create')
      try {
        const fd = reopen(raw, constants.O_RDWR)
        try {
          ftruncateSync(fd, bytes)
        } catch (error) {
          closeSync(fd)
          throw error
        }
        return fd
      } finally {
        close(raw)
      }
    },

    fileOf(content) {
      const fd = this.createFile(0)
      try {
        // At a position, so that the descriptor still stands at the beginning for whoever inherits it.
        for (let at = 0; at < content.length; ) at += writeSync(fd, content, at, content.length - at, at)
        return fd
      } catch (error) {
        closeSync(fd)
        throw error
      }
    },

    reopen: (fd) => reopen(fd, constants.O_RDWR),

    reserve(fd, from, bytes) {
      // The kernel would rather kill some process than say no.
      if (bytes > Math.min(freemem(), leftInCgroup())) return false
      for (;;) {
        if (fallocate(fd, 0, from, bytes) === 0) return true
        if (koffi.errno() !== EINTR) return false
      }
    },

    map(fd, bytes) {
      const address = mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, 0)
      return Number(address) >= MAP_FAILED - 4096 ? undefined : Number(address)
    },

    unmap: (address, bytes) => void munmap(address, bytes),

    view: (address, bytes) => koffi.view(address, bytes),

    sleep(address, value, ms) {
      let timeout: BigInt64Array | null = null
      if (ms < Number.POSITIVE_INFINITY) {
        const seconds = Math.floor(Math.max(ms, 0) / 1000)
        timespec[0] = BigInt(seconds)
        timespec[1] = BigInt(Math.floor((Math.max(ms, 0) - seconds * 1000) * 1e6))
        timeout = timespec
      }
      // Not FUTEX_PRIVATE: the other side is in another process.
      if (Number(futex(SYS_FUTEX, address, FUTEX_WAIT, value >>> 0, timeout, 0, 0)) === 0) return 'ok'
      const errno = koffi.errno()
      return errno === ETIMEDOUT ? 'timed-out' : errno === EAGAIN ? 'not-equal' : 'ok'
    },

    wake: (address, count) => Number(futex(SYS_FUTEX, address, FUTEX_WAKE, count, null, 0, 0)),

    claim(fd, byte) {
      if (lock(fd, F_OFD_SETLK, F_WRLCK, byte) !== 0) throw failed('fcntl(F_OFD_SETLK)')
    },

    isClaimed(fd, byte) {
      if (lock(fd, F_OFD_GETLK, F_WRLCK, byte) !== 0) throw failed('fcntl(F_OFD_GETLK)')
      return (Number(flock[0]) & 0xffff) !== F_UNLCK
    },

    openPipe(closedBy, bytes) {
      const fds = new Int32Array(2)
      if (pipe2(fds, O_CLOEXEC | constants.O_NONBLOCK) !== 0) throw failed('pipe2')
      const [read, write] = fds as unknown as [number, number]
      // What it gets may be less.
      if (bytes !== undefined) fcntlSet(read, F_SETPIPE_SZ, bytes)
      let forWriting: number | undefined
      let taken = false
      try {
        forWriting = reopen(read, constants.O_WRONLY | constants.O_NONBLOCK)
        const pipe = {
          read: closedBy === 'socket' ? read : reopen(read, constants.O_RDONLY | constants.O_NONBLOCK),
          write: forWriting,
        }
        taken = pipe.read === read
        return pipe
      } catch (error) {
        if (forWriting !== undefined) closeSync(forWriting)
        throw error
      } finally {
        if (!taken) close(read)
        close(write)
      }
    },

    openPipeOf(pid, fd, inode) {
      let opened: number
      try {
        opened = openSync(`/proc/${pid}/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK)
      } catch (error) {
        if (isBarred(error)) return connectTo(addressOf(pid, inode))
        if (isGone(error)) return undefined
        throw error
      }
      // The process may have ended, and another have its number.
      if (inodeOf(opened) === inode) return opened
      closeSync(opened)
      return undefined
    },

    inodeOf,

    reopenPipe(fd) {
      try {
        return reopen(fd, constants.O_WRONLY | constants.O_NONBLOCK)
      } catch (error) {
        if (isExhausted(error)) throw error
        return undefined
      }
    },

    blocks: (fd) => (fcntlSet(fd, F_GETFL, 0) & constants.O_NONBLOCK) === 0,

    setBlocking(fd, blocks) {
      const flags = fcntlSet(fd, F_GETFL, 0)
      const wanted = blocks ? flags & ~constants.O_NONBLOCK : flags | constants.O_NONBLOCK
      if (flags >= 0 && wanted !== flags) fcntlSet(fd, F_SETFL, wanted)
    },

    addressOf,

    mayBeBarred: () => process.geteuid?.() === 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) !== 1,

    openLifeline() {
      const { read } = this.openPipe('thread')
      // Whoever this process and its children become: they open it anew.
      fchmodSync(read, 0o444)
      return read
    },

    tether(lifeline) {
      const fd = signallingEnd(lifeline)
      // A child that has ended already cannot be bound, and need not be.
      return { fd, bind: (pid) => void fcntlSet(fd, F_SETOWN, pid) }
    },

    endWith(lifeline) {
      const own = signallingEnd(lifeline)
      // By the rights of this process: those of its starter, by which it is bound so far, may not suffice when one of them has changed its user. (A parent-death signal
      // would be forgotten there.)
      if (fcntlSet(own, F_SETOWN, process.pid) !== 0) throw failed('fcntl(F_SETOWN)')
      closeSync(lifeline)
      // It may have ended before that took effect.
      if (isAtEnd(own)) process.kill(process.pid, 'SIGKILL')
    },

    openNamed: (name, creates) => openSync(NAMED + name, creates ? CREATE : constants.O_RDWR | constants.O_NOFOLLOW, MODE),

    unlinkNamed: (name) => unlinkSync(NAMED + name),

    exitOf(pid) {
      siginfo[4] = 0
      if (waitid(P_PID, pid, siginfo, WAIT_EXITED_NOHANG_NOWAIT) !== 0 || siginfo[4] !== pid) return undefined
      const status = siginfo[6] as number
      return { code: siginfo[2] === CLD_EXITED ? status : -status }
    },

    reap: (pid) => void waitid(P_PID, pid, siginfo, WEXITED),
  }
}

/**
 * As bigint, because of a trap in Node: its `realpathSync`, and so every `import`, breaks off where the last stat that was asked for in plain numbers, of
 * whatever, was a pipe's.
 */
function inodeOf(fd: number): number {
  return Number(fstatSync(fd, { bigint: true }).ino)
}

/** No such process or descriptor, or no reader. */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENXIO', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** What is there now is another user's, or has changed its user: then the kernel lets nobody but root look into it. */
function isBarred(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/**
 * In the abstract namespace, which has no files and no owners. What can be done there is to wake somebody in vain. As long as an address may be: some versions of Node
 * fill it up with zeros, which count.
 */
function addressOf(pid: number, inode: number): string {
  return `\0multiproc-${pid}-${inode}-`.padEnd(108, '.')
}

function isAtEnd(pipe: number): boolean {
  try {
    return readSync(pipe, new Uint8Array(1)) === 0
  } catch {
    // EAGAIN: it is open, and nothing is ever written.
    return false
  }
}
