import { type Board, giveToken, type Item, Mark, padOf } from './board.js'

/** The number of the life that the tide's items come from: no process's. */
const NOBODY = -1

/**
 * Puts into queues that are empty and takes from full ones, from without, and gives tokens where there are none: so that processes may wait for as long as it takes, although all others may
 * happen to wait for the same. Who still waits then has lost its wake-up.
 */
export class Tide {
  readonly #board: Board
  readonly #put = [0, 0]
  readonly #timer: NodeJS.Timeout

  constructor(board: Board) {
    this.#board = board
    this.#timer = setInterval(() => this.#turn(), 5)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #turn(): void {
    const { queues, marks, items, condition, tokens } = this.#board
    const guard = condition.tryAcquire()
    if (guard) {
      // Where there are tokens, whoever waits was owed a notification.
      if (tokens.value === 0) giveToken(this.#board, guard.ownerDied)
      else if (guard.ownerDied) condition.notifyAll()
      guard.release()
    }
    queues.forEach((queue, n) => {
      if (queue.full) {
        const item = queue.tryGet()
        if (item) Atomics.add(marks as unknown as Uint8Array, item.id, Mark.got)
        return
      }
      if (!queue.empty || items.value >= marks.length) return
      const id = items.add(1)
      const item: Item = { id, life: NOBODY, n: this.#put[n] as number, pad: padOf(id) }
      if (!queue.tryPut(item)) return
      this.#put[n] = item.n + 1
      Atomics.or(marks as unknown as Uint8Array, id, Mark.put)
    })
  }
}
