/** An agent, as messages name it. */
export interface LogAgent {
  readonly name: string
  /** OS pid, or thread id on backends of threads. */
  readonly pid: number
}

/** In every message. */
interface LogMessage {
  /** Who publishes it. Subscribers run in this agent, in the middle of what they are told of. */
  readonly agent: LogAgent
}

/** `multiproc:process:start`: published by the agent that started it, before its first instruction has run. */
export interface ProcessStartMessage extends LogMessage {
  readonly process: LogAgent
  /** Of a Process, or a worker of a Pool. */
  readonly role: 'process' | 'worker'
  readonly daemon: boolean
}

/** `multiproc:process:exit`: published by the agent that started it, once it has really ended. */
export interface ProcessExitMessage extends LogMessage {
  readonly process: LogAgent
  readonly role: 'process' | 'worker'
  /** As `Process.exitCode`. */
  readonly exitCode: number
  /** Whether an error ended it. */
  readonly failed: boolean
  /** What was thrown, where `failed`. */
  readonly error: unknown
}

/** `multiproc:task:start`: published by the pool's worker that runs it. Each item of a `map` is a task. */
export interface TaskStartMessage extends LogMessage {
  /** The name of the function. */
  readonly target: string
  /** Counts the tasks of this worker: the same number is in the message of its end. */
  readonly id: number
}

/** `multiproc:task:end`: published by the worker, when the result is there and before it is sent. A worker that dies publishes nothing. */
export interface TaskEndMessage extends LogMessage {
  readonly target: string
  readonly id: number
  /** ms that it ran, waits included. */
  readonly duration: number
  readonly failed: boolean
  /** What was thrown, where `failed`. */
  readonly error: unknown
}

/** `multiproc:worker:replaced`: published by the agent that has the pool, when one that ended has a successor. */
export interface WorkerReplacedMessage extends LogMessage {
  readonly worker: LogAgent
  readonly exitCode: number
  readonly successor: LogAgent
}

/** `multiproc:owner:died`: published by each agent that finds a lock whose holder died. */
export interface OwnerDiedMessage extends LogMessage {
  /** The name of the dead, as far as it is still known. */
  readonly owner: string | undefined
  /** The class of the lock. */
  readonly object: string
  /** Whether this agent holds the lock now; otherwise it got an OwnerDiedError. */
  readonly recovered: boolean
}

/** What is published on `node:diagnostics_channel`, by the name of the channel. */
export interface LogMessages {
  readonly 'multiproc:process:start': ProcessStartMessage
  readonly 'multiproc:process:exit': ProcessExitMessage
  readonly 'multiproc:task:start': TaskStartMessage
  readonly 'multiproc:task:end': TaskEndMessage
  readonly 'multiproc:worker:replaced': WorkerReplacedMessage
  readonly 'multiproc:owner:died': OwnerDiedMessage
}
