import { type Guard, OwnerDiedError, type Queue, QueueEmptyError, QueueFullError, TimeoutError, task } from '@multiproc/core'
import { randomFrom } from '../support/random.js'
import {
  ACCOUNTS,
  type Board,
  Doing,
  giveToken,
  type Item,
  isWhole,
  Mark,
  Note,
  padOf,
  SEAT_WORDS,
  Seat,
  sharedNow,
  Wrong,
  words,
} from './board.js'

/** Items in each queue, from which on more is taken than put. */
const SOME = [5, 100] as const
/** ms; `undefined` waits for ever, and so shows a wake-up that was lost; those that end by themselves may leave traces if they are not undone well. */
const PATIENCE = [0, 0.5, 2, 20, undefined] as const

/** One process's life: whatever comes, in any form, until it is killed or told to stop. */
export const live = task(import.meta, async function live(board: Board, seat: number, life: number, seed: number) {
  await new Life(board, seat, life, seed).run()
})

class Life {
  readonly #board: Board
  readonly #seats: Int32Array
  readonly #at: number
  readonly #life: number
  readonly #random: () => number
  /** Of each queue: how many it has put; and by the life that put them, the last that it got. */
  readonly #put = [0, 0]
  readonly #got = [new Map<number, number>(), new Map<number, number>()] as const

  constructor(board: Board, seat: number, life: number, seed: number) {
    this.#board = board
    this.#seats = words(board.seats)
    this.#at = seat * SEAT_WORDS
    this.#life = life
    this.#random = randomFrom(seed)
  }

  async run(): Promise<void> {
    for (let n = 1; this.#board.stop.value === 0; n++) {
      const which = this.#pick(2) as 0 | 1
      const sync = this.#random() < 0.5
      const action = this.#random()
      if (action < 0.06) await this.#takeToken(sync)
      else if (action < 0.12) await this.#giveToken(sync)
      else if (action < 0.4) await this.#transfer(which, sync)
      // Mostly what moves things on: all that wait for the same would show little.
      else if (this.#random() < (this.#board.queues[which].size < SOME[which] ? 0.7 : 0.3)) await this.#putOne(which, sync)
      else await this.#getOne(which, sync)
      this.#says(Doing.idle, 0)
      Atomics.store(this.#seats, this.#at + Seat.beat, n)
      // Sync forms only would leave those who wait for this event loop without a turn.
      if (n % 20 === 0) await new Promise(setImmediate)
    }
    this.#says(Doing.ended, 0)
  }

  async #transfer(which: 0 | 1, sync: boolean): Promise<void> {
    this.#says(Doing.acquiring, which)
    const since = sharedNow()
    const guard = sync ? this.#acquireSync(which) : await this.#acquire(which)
    if (!guard) return
    this.#says(Doing.holding, which)
    this.#enter(which, guard.ownerDied, since)
    if (!sync && this.#random() < 0.1) await new Promise(setImmediate)
    this.#move(which)
    words(this.#board.notes[which])[Note.inside] = 0
    guard.release()
  }

  #acquireSync(which: 0 | 1): Guard | undefined {
    const lock = this.#board.locks[which]
    const options = this.#options()
    try {
      return this.#random() < 0.2 ? lock.tryAcquire() : lock.acquireSync(options)
    } catch (error) {
      if (error instanceof OwnerDiedError) return lock.recoverSync()
      if (error instanceof TimeoutError) return undefined
      throw error
    }
  }

  async #acquire(which: 0 | 1): Promise<Guard | undefined> {
    const lock = this.#board.locks[which]
    try {
      return await lock.acquire(this.#options())
    } catch (error) {
      if (error instanceof OwnerDiedError) return lock.recover()
      if (error instanceof TimeoutError) return undefined
      throw error
    }
  }

  /** Looks at what is found under the lock, and mends what the dead left. */
  #enter(which: 0 | 1, ownerDied: boolean, since: number): void {
    const { waited, recovered } = this.#board
    const notes = words(this.#board.notes[which])
    const before = notes[Note.inside] as number
    if (before !== 0) {
      if (!ownerDied) this.#wrong(Wrong.unannounced)
      if (recovered[before - 1] === 0) {
        waited[before - 1] = since
        recovered[before - 1] = sharedNow()
      }
      if (notes[Note.pending] === 1) {
        notes[Note.accounts + (notes[Note.from] as number)] = notes[Note.balanceFrom] as number
        notes[Note.accounts + (notes[Note.to] as number)] = notes[Note.balanceTo] as number
        notes[Note.pending] = 0
      }
    }
    notes[Note.inside] = this.#life + 1
    let sum = 0
    for (let n = 0; n < ACCOUNTS; n++) sum = (sum + (notes[Note.accounts + n] as number)) | 0
    if (sum !== 0) this.#wrong(Wrong.sum)
  }

  /** From one account to another, in steps that death can come between; what was before is written down first. */
  #move(which: 0 | 1): void {
    const notes = words(this.#board.notes[which])
    const [from, to] = [this.#pick(ACCOUNTS), this.#pick(ACCOUNTS)]
    if (from === to) return
    const amount = this.#pick(1_000)
    notes[Note.from] = from
    notes[Note.to] = to
    notes[Note.balanceFrom] = notes[Note.accounts + from] as number
    notes[Note.balanceTo] = notes[Note.accounts + to] as number
    Atomics.store(notes, Note.pending, 1)
    notes[Note.accounts + from] = (notes[Note.accounts + from] as number) - amount
    for (let n = this.#pick(200); n > 0; n--) performance.now()
    notes[Note.accounts + to] = (notes[Note.accounts + to] as number) + amount
    Atomics.store(notes, Note.pending, 0)
    if (notes[Note.inside] !== this.#life + 1) this.#wrong(Wrong.intruder)
  }

  async #putOne(which: 0 | 1, sync: boolean): Promise<void> {
    const { items, marks, queues } = this.#board
    if (items.value >= marks.length) return
    const id = items.add(1)
    if (id >= marks.length) return
    const item: Item = { id, life: this.#life, n: this.#put[which] as number, pad: padOf(id) }
    this.#says(Doing.putting, which)
    Atomics.or(marks as unknown as Uint8Array, id, Mark.asked)
    if (!(await this.#offer(queues[which], item, sync))) return
    Atomics.or(marks as unknown as Uint8Array, id, Mark.put)
    this.#put[which] = item.n + 1
  }

  async #offer(queue: Queue<Item>, item: Item, sync: boolean): Promise<boolean> {
    try {
      if (!sync) await queue.put(item, this.#options())
      else if (this.#random() < 0.3) return queue.tryPut(item)
      else queue.putSync(item, this.#options())
      return true
    } catch (error) {
      if (error instanceof QueueFullError) return false
      throw error
    }
  }

  async #getOne(which: 0 | 1, sync: boolean): Promise<void> {
    this.#says(Doing.getting, which)
    const queue = this.#board.queues[which]
    let item: Item | undefined
    try {
      if (!sync) item = await queue.get(this.#options())
      else item = this.#random() < 0.3 ? queue.tryGet() : queue.getSync(this.#options())
    } catch (error) {
      if (!(error instanceof QueueEmptyError)) throw error
    }
    if (!item) return
    if (Atomics.add(this.#board.marks as unknown as Uint8Array, item.id, Mark.got) >= Mark.got) this.#wrong(Wrong.doubled)
    if (!isWhole(item)) this.#wrong(Wrong.damage)
    if (item.n <= (this.#got[which].get(item.life) ?? -1)) this.#wrong(Wrong.order)
    this.#got[which].set(item.life, item.n)
  }

  async #giveToken(sync: boolean): Promise<void> {
    const { condition } = this.#board
    this.#says(Doing.telling, 0)
    using guard = sync ? condition.acquireSync() : await condition.acquire()
    giveToken(this.#board, guard.ownerDied)
  }

  /** Waits for a token and takes it; or gives up. */
  async #takeToken(sync: boolean): Promise<void> {
    const { condition, tokens } = this.#board
    this.#says(Doing.waiting, 0)
    using guard = sync ? condition.acquireSync() : await condition.acquire()
    if (guard.ownerDied) condition.notifyAll()
    const isThere = () => tokens.value > 0
    if (sync ? condition.waitForSync(isThere, this.#options()) : await condition.waitFor(isThere, this.#options())) tokens.value--
  }

  #options(): { timeout: number } | undefined {
    const timeout = PATIENCE[this.#pick(PATIENCE.length)]
    return timeout === undefined ? undefined : { timeout }
  }

  #says(doing: number, what: number): void {
    this.#seats[this.#at + Seat.what] = what
    Atomics.store(this.#seats, this.#at + Seat.doing, doing)
  }

  #wrong(what: number): void {
    Atomics.add(words(this.#board.wrong), what, 1)
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count)
  }
}
