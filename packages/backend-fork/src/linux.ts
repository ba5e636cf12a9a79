import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { freemem } from 'node:os'
import { getSystemErrorName } from 'node:util'
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
const F_OFD_GETLK = 36
const F_OFD_SETLK = 37
const F_WRLCK = 1
const F_UNLCK = 2
const O_CLOEXEC = 0o2000000
const PR_SET_PDEATHSIG = 1
const SIGKILL = 9
const P_PID = 1
const WAIT_EXITED_NOHANG_NOWAIT = 4 | 1 | 0x01000000
const CLD_EXITED = 1

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
  const pipe2 = libc.func('int pipe2(void *fds, int flags)')
  const close = libc.func('int close(int fd)')
  const prctl = libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)')
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

  // A descriptor that Node opened is closed with the worker thread that did, even where that was terminated.
  const reopen = (fd: number, flags: number): number => openSync(`/proc/self/fd/${fd}`, flags)

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

    reopen: (fd) => reopen(fd, constants.O_RDWR),

    reserve(fd, from, bytes) {
      // The kernel would rather kill some process than say no.
      if (bytes > Math.min(freemem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY)) return false
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

    openPipe() {
      const fds = new Int32Array(2)
      if (pipe2(fds, O_CLOEXEC | constants.O_NONBLOCK) !== 0) throw failed('pipe2')
      const [read, write] = fds as unknown as [number, number]
      try {
        return { read, write: reopen(read, constants.O_WRONLY | constants.O_NONBLOCK) }
      } catch (error) {
        close(read)
        throw error
      } finally {
        close(write)
      }
    },

    openPipeOf(pid, fd, inode) {
      let opened: number
      try {
        opened = openSync(`/proc/${pid}/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK)
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
      // The process may have ended, and another have its number.
      if (inodeOf(opened) === inode) return opened
      closeSync(opened)
      return undefined
    },

    inodeOf,

    endWith(parent) {
      prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
      // It may have died before that took effect.
      if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
    },

    exitOf(pid) {
      siginfo[4] = 0
      if (waitid(P_PID, pid, siginfo, WAIT_EXITED_NOHANG_NOWAIT) !== 0 || siginfo[4] !== pid) return undefined
      const status = siginfo[6] as number
      return { code: siginfo[2] === CLD_EXITED ? status : -status }
    },
  }
}

/**
 * As bigint, because of a trap in Node: its `realpathSync`, and so every `import`, breaks off where the last stat that was asked for in plain numbers, of
 * whatever, was a pipe's.
 */
function inodeOf(fd: number): number {
  return Number(fstatSync(fd, { bigint: true }).ino)
}

/** No such process or descriptor, no reader, or what is there now is another user's. */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENXIO', 'EACCES', 'EPERM', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
}
