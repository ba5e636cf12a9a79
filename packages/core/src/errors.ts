/**
 * Every error of multiproc's own. Each extends {@link MultiprocError} and carries a stable `code`;
 * branch on the code (or `instanceof`), never on the message.
 */

/** The base of every error that multiproc itself throws. */
export class MultiprocError extends Error {
  /** Stable, machine-readable; documented in `docs/errors.md`. */
  readonly code: string = 'MP_ERROR'
  override get name(): string {
    return this.constructor.name
  }
}

/** A wait ran out of time. */
export class TimeoutError extends MultiprocError {
  override readonly code: string = 'MP_TIMEOUT'
}

/** `get({ timeout })` found no item in time. */
export class QueueEmptyError extends TimeoutError {
  override readonly code = 'MP_QUEUE_EMPTY'
}

/** `put({ timeout })` found no room in time. */
export class QueueFullError extends TimeoutError {
  override readonly code = 'MP_QUEUE_FULL'
}

/** Use after `close()`, `shutdown()` or `terminate()`. */
export class ClosedError extends MultiprocError {
  override readonly code = 'MP_CLOSED'
}

/** The right call at the wrong moment: started twice, joined before start, … */
export class StateError extends MultiprocError {
  override readonly code = 'MP_STATE'
}

/** A release of what is not held. */
export class NotOwnerError extends MultiprocError {
  override readonly code = 'MP_NOT_OWNER'
}

/** The holder of a lock died without releasing it; the data it guards may be half-written. */
export class OwnerDiedError extends MultiprocError {
  override readonly code = 'MP_OWNER_DIED'
}

/** A worker died under a task, by any exit, code 0 included. */
export class WorkerDiedError extends MultiprocError {
  override readonly code = 'MP_WORKER_DIED'
  constructor(
    message: string,
    /** As `Process.exitCode`: N for `process.exit(N)`, -N for signal N. */
    readonly exitCode: number,
    /** Of the worker that died: OS pid, or thread id on thread backends. */
    readonly pid: number,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** The barrier was broken by a timeout, an abort, a dead party or a throwing action. */
export class BrokenBarrierError extends MultiprocError {
  override readonly code = 'MP_BROKEN_BARRIER'
}

/** An argument, item or result cannot travel between agents. */
export class NotCloneableError extends MultiprocError {
  override readonly code = 'MP_NOT_CLONEABLE'
  constructor(
    message: string,
    /** Where in the data it stands, e.g. `args[0].onClick`. */
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** A function cannot be found or run in the worker; the message says why and what to do. */
export class TargetError extends MultiprocError {
  override readonly code = 'MP_TARGET'
}

/** What can never fit, however long one waits. */
export class TooLargeError extends MultiprocError {
  override readonly code = 'MP_TOO_LARGE'
}

/**
 * Something has run out: a process, descriptor or the like, which the operating system refuses (`cause` is its own error), or shared memory. Nothing was taken, and a
 * retry may work later.
 */
export class ResourceError extends MultiprocError {
  override readonly code = 'MP_RESOURCE'
}

/** The backend's `capabilities` lack it. */
export class NotSupportedError extends MultiprocError {
  override readonly code = 'MP_NOT_SUPPORTED'
}
