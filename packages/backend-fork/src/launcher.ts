import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, closeSync, constants as fsConstants, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { deserialize, serialize } from 'node:v8'
import { isMainThread } from 'node:worker_threads'
import { type BootData, type Child, childEnvironment, type Exit, type Launcher, type LaunchSpec } from '@multiproc/core'
import { lifeline } from './lifeline.js'
import type { MmapMemory } from './mmap-memory.js'
import { type Output, outputsOf } from './output.js'
import { assertDescriptors, obtain } from './resources.js'
import { type System, system } from './system.js'

/** Options of `fork()`. Children inherit them for their own children. */
export interface ForkOptions {
  /** Node's flags for each process; default: those of this one, without the debugger's. */
  readonly execArgv?: readonly string[]
  /** Working directory of each process; default: this one's. */
  readonly cwd?: string
  /**
   * Where stdout and stderr of each process go. `'inherit'` (default): straight to those of this one. `'pipe'`: through `process.stdout` and `process.stderr` of
   * this one, so that whoever replaces or captures these sees them too; what comes while this one blocks in a sync form appears afterwards. `'ignore'`: nowhere.
   */
  readonly stdio?: 'inherit' | 'pipe' | 'ignore'
  /** Bytes that the shared memory may grow to. Default 16 GiB. Reserved, not used: it costs nothing until touched. */
  readonly capacity?: number
}

/** Under which descriptors a child finds what it is started with. */
const MEMORY_FD = 3
const BOOT_FD = 4
export const LIFELINE_FD = 5

/** How many descriptors a start takes for a while. Node never closes some of those that it had when it finds that there are no more (24 does not, either). */
const START_FDS = 10

/** What a child is told. */
export interface Boot {
  readonly boot: BootData
  readonly options: ForkOptions
  /** `MmapMemory`'s. */
  readonly capacity: number
  readonly lineage: readonly number[]
}

type Tether = ReturnType<System['tether']>

const ENTRY = fileURLToPath(new URL('./entry.cjs', import.meta.url))

/** Starts agents as processes. */
export class ForkLauncher implements Launcher {
  readonly #options: ForkOptions

  constructor(options: ForkOptions) {
    this.#options = options
  }

  launch(spec: LaunchSpec, onExit: (exit: Exit) => void): Child {
    const { execArgv = inheritedFlags(), cwd, stdio = 'inherit' } = this.#options
    const { file, capacity, lineage } = spec.memory as MmapMemory
    return obtain('another process', () => {
      const told: Boot = { boot: spec.boot, options: this.#options, capacity, lineage }
      // In a file, because a message would need the event loop, of which there may be no turn for long: `joinSync()` may follow `start()`.
      const boot = system().fileOf(serialize(told))
      let line: Tether | undefined
      let outputs: readonly Output[] = []
      try {
        line = system().tether(lifeline(system()))
        outputs = outputsOf(stdio)
        assertDescriptors(START_FDS)
        // What `child_process.fork()` does, without its channel: there is nothing to be said that the shared memory could not say better.
        const child = spawn(process.execPath, [...execArgv, ENTRY], {
          stdio: ['ignore', ...outputs.map(({ given }) => given), file, boot, line.fd],
          env: childEnvironment(process.env, spec.env),
          ...(cwd !== undefined && { cwd }),
        })
        // Before it has come to do so itself: it may take long, or never get there.
        if (child.pid !== undefined) line.bind(child.pid)
        return new ForkChild(child, cwd, outputs, onExit)
      } catch (error) {
        for (const output of outputs) output.abandoned()
        throw (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? refusal(cwd) : error
      } finally {
        if (line) closeSync(line.fd)
        closeSync(boot)
      }
    })
  }
}

/** What the parent of this process tells it, and the descriptor of the family's memory. Once. */
export function readBoot(): { readonly told: Boot; readonly file: number } {
  const told = deserialize(readFileSync(BOOT_FD)) as Boot
  closeSync(BOOT_FD)
  return { told, file: MEMORY_FD }
}

class ForkChild implements Child {
  readonly #child: ChildProcess
  readonly #outputs: readonly Output[]
  readonly pid: number
  #exited = false

  /** @throws where the system has refused to start it */
  constructor(child: ChildProcess, cwd: string | undefined, outputs: readonly Output[], onExit: (exit: Exit) => void) {
    this.#child = child
    this.#outputs = outputs
    if (child.pid === undefined) {
      // Which is told later, too.
      child.on('error', () => {})
      throw refusal(cwd)
    }
    this.pid = child.pid
    outliving(this)
    child.on('error', () => {})
    child.once('exit', (code, signal) => {
      this.#exited = true
      running.delete(this)
      // Before anybody is told of its end.
      for (const output of outputs) output.ended()
      onExit({ code: signal === null ? (code ?? 0) : -constants.signals[signal] })
    })
    for (const output of outputs) output.started()
  }

  look(): Exit | undefined {
    if (this.#exited) return undefined
    const exit = system().exitOf(this.pid)
    // In this order: what it printed last is there once it has ended.
    for (const output of this.#outputs) output.take()
    return exit
  }

  kill(force: boolean): void {
    this.#child.kill(force ? 'SIGKILL' : 'SIGTERM')
  }

  hold(pending: boolean): void {
    if (pending) this.#child.ref()
    else this.#child.unref()
    for (const output of this.#outputs) output.hold(pending && !this.#exited)
  }
}

/** Of this thread's. A process that ends leaves its children to the system; a thread that ends would leave zombies, for whom only its own event loop waits. */
const running = new Set<ForkChild>()

function outliving(child: ForkChild): void {
  if (isMainThread) return
  if (running.size === 0) process.once('exit', endRunning)
  running.add(child)
}

function endRunning(): void {
  for (const child of running) child.kill(true)
  for (const { pid } of running) system().reap(pid)
  running.clear()
}

/** Why nothing was started. Node tells of most on the event loop only; these are all there can be. */
function refusal(cwd: string | undefined): Error {
  return (
    (cwd !== undefined && inaccessible(`${cwd}/`, `fork's cwd, ${cwd}, cannot be the working directory of a process`)) ||
    inaccessible(process.execPath, `Node's own program, ${process.execPath}, cannot be started any more`) ||
    systemError('EAGAIN', 'the system refuses to start it: there are too many processes, or there is too little memory')
  )
}

/** `undefined`: it is there, and may be entered or run. */
function inaccessible(path: string, message: string): Error | undefined {
  try {
    accessSync(path, fsConstants.X_OK)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return systemError(code, `${message}: ${code}`, error)
  }
}

function systemError(code: string | undefined, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code, syscall: 'spawn' })
}

/** Those of this process, but for what is about its own script; a debugger's port is taken, and `--input-type` is for what has no file. */
function inheritedFlags(): string[] {
  const flags = process.execArgv
  return flags.filter((flag, n) => !OWN_FLAG.test(flag) && !WITH_VALUE.test(flags[n - 1] ?? ''))
}

/** Those whose value is the argument behind it. */
const WITH_VALUE = /^(-e|-p|-pe|--eval|--print|--input-type|--inspect-port|--debug-port|--inspect-publish-uid)$/
const OWN_FLAG = /^(-e|-p|-pe|--eval|--print|--inspect|--debug-port|--input-type)\b/
