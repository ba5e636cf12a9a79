/** What Tinypool asks of its queue. */
export interface TaskQueue {
  readonly size: number
  shift(): unknown
  push(task: unknown): void
  remove(task: unknown): void
  cancel?(): void
}

/** Tasks taken before the array is cut to those that are left. */
const CUT_AT = 1024

/** First in, first out. An array's own `shift` moves all that is left, which is most of a call's cost where a hundred thousand wait. */
class Fifo implements TaskQueue {
  /** Only those from `#head` on wait. */
  #tasks: unknown[] = []
  #head = 0

  get size(): number {
    return this.#tasks.length - this.#head
  }

  shift(): unknown {
    const task = this.#tasks[this.#head]
    if (this.size === 0) return undefined
    this.#tasks[this.#head++] = undefined
    // Half of it at least: what is moved is paid for by what was taken.
    if (this.#head >= CUT_AT && this.#head * 2 >= this.#tasks.length) this.#cut()
    return task
  }

  push(task: unknown): void {
    this.#tasks.push(task)
  }

  remove(task: unknown): void {
    const index = this.#tasks.indexOf(task, this.#head)
    if (index >= 0) this.#tasks.splice(index, 1)
  }

  cancel(): void {
    this.#cut()
    for (const task of this.#tasks.splice(0)) (task as { cancel(): void }).cancel()
  }

  #cut(): void {
    this.#tasks = this.#tasks.slice(this.#head)
    this.#head = 0
  }
}

/** A queue that can look empty once, so that Tinypool gives a task straight to a worker that has room (see `TinypoolEngine`). */
export class HidingQueue implements TaskQueue {
  /** What it hides: the application's own, where there is one. */
  readonly queue: TaskQueue
  #hidden = false

  /** @param queue of the application's own @throws TypeError as Tinypool itself */
  constructor(queue: TaskQueue = new Fifo()) {
    const { shift, push, remove } = Object(queue) as Partial<TaskQueue>
    if (![shift, push, remove].every((method) => typeof method === 'function') || !('size' in queue)) {
      throw new TypeError('options.taskQueue must be a TaskQueue object')
    }
    this.queue = queue
  }

  get size(): number {
    const size = this.#hidden ? 0 : this.queue.size
    this.#hidden = false
    return size
  }

  /** The first who asks during `call` is told that it is empty. */
  hiddenTo(call: () => void): void {
    this.#hidden = true
    try {
      call()
    } finally {
      this.#hidden = false
    }
  }

  shift(): unknown {
    return this.queue.shift()
  }

  push(task: unknown): void {
    this.queue.push(task)
  }

  remove(task: unknown): void {
    this.queue.remove(task)
  }

  cancel(): void {
    this.queue.cancel?.()
  }
}
