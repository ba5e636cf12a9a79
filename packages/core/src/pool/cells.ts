import type { Agent } from '../agent.js'
import type { Engine } from '../engine.js'
import { pack, type Space } from '../memory/space.js'
import type { OutgoingItem } from '../queue/outgoing.js'
import { RecordKind } from '../queue/record.js'

/**
 * Where the jobs of an engine lie while they are under way: a cell each. Its first word says whose the job is, and whoever wants it takes it by one
 * compare-and-swap, so that it is run once however often the engine is asked to.
 *
 * | state              | meaning                                                       |
 * |--------------------|---------------------------------------------------------------|
 * | ticket, above 0    | it waits for a worker                                         |
 * | ~tag, below 0      | the worker with this tag runs it, or has died in it           |
 * | ~tag - 2^30        | so it does, and is to end with it                             |
 * | 0                  | nobody may run it any more: it is done, or was taken back     |
 *
 * A ticket is never given twice, by no pool of the thread's, so a message about a job that was taken back finds nothing to take, whatever is in the cell by then. For
 * the same reason a cell goes back to the heap only when no message about it can be under way: one that an engine may have kept a message about stays with
 * that engine, for the jobs of later pools.
 */
export const CELL_BYTES = 240
/** Words. `onThread`: 1 while its job has its worker's thread, until its next `await`; only where there are several in hand. */
export const Cell = { state: 0, address: 1, size: 2, onThread: 3 } as const
/** Bytes from the cell's start to a small job's record; a large one lies in a block of its own, at `address`. */
export const RECORD_AT = 16

/** Cells kept for the next jobs. */
const MOST_SPARE = 256
const LAST_TICKET = 2 ** 31 - 1
let tickets = 0

/** Tainted cells without a job, whose pool is gone. */
const kept = new WeakMap<Engine, WeakMap<Agent, CellInUse[]>>()
/** An engine that is garbage has no messages any more. */
const dropped = new FinalizationRegistry(({ agent, cells }: { readonly agent: Agent; readonly cells: CellInUse[] }) => {
  if (!agent.closed) for (const { packed } of cells.splice(0)) agent.heap.free(packed * 8)
})

function keptFor(agent: Agent, engine: Engine): CellInUse[] {
  const ofEngine = kept.get(engine) ?? new WeakMap<Agent, CellInUse[]>()
  kept.set(engine, ofEngine)
  let cells = ofEngine.get(agent)
  if (!cells) {
    cells = []
    ofEngine.set(agent, cells)
    dropped.register(engine, { agent, cells })
  }
  return cells
}

/** A cell with a job in it, as its pool sees it. */
export interface CellInUse {
  readonly packed: number
  readonly words: Int32Array
  readonly at: number
  /** Not 0: of the block in which its record lies. */
  large: number
  ticket: number
  /** Whether messages about it may be under way that nobody will answer. Such a cell is given back only when its engine has ended. */
  tainted: boolean
}

/** Taken from the state of a job whose worker is to end. Tags are below it. */
const CONDEMNED = 2 ** 30

/** The tag of the worker that runs the job, or died in it; 0 where none does. */
export function runnerOf({ words, at }: CellInUse): number {
  const state = Atomics.load(words, at + Cell.state)
  if (state >= 0) return 0
  return ~(state < -CONDEMNED ? state + CONDEMNED : state)
}

/**
 * Has the worker that runs the job end with it, and never tell of it. Either that or {@link finish} comes first, so that nobody is ended who has told that it is free, and may have been given
 * something else.
 * @returns `false`: it does not run it any more
 */
export function condemn({ words, at }: CellInUse, tag: number): boolean {
  const state = Atomics.compareExchange(words, at + Cell.state, ~tag, ~tag - CONDEMNED)
  return state === ~tag || state === ~tag - CONDEMNED
}

/** The worker with this tag has run the job. @returns `false`: it is to end, and tells nobody */
export function finish(words: Int32Array, at: number, tag: number): boolean {
  return Atomics.compareExchange(words, at + Cell.state, ~tag, 0) === ~tag
}

/** Whether the job in a cell waits for a worker, as workers see it. */
export function isWanted(space: Space, packed: number, ticket: number): boolean {
  const { views, offset } = space.at(packed * 8, CELL_BYTES)
  return Atomics.load(views.i32, offset / 4 + Cell.state) === ticket
}

export class Cells {
  readonly #agent: Agent
  #spare: CellInUse[] = []
  /** Those of engines that do not end with the pool. */
  readonly #kept: CellInUse[] | undefined
  #closed = false

  constructor(agent: Agent, engine: Engine) {
    this.#agent = agent
    this.#kept = engine.owned ? undefined : keptFor(agent, engine)
  }

  /** Puts a job that was made ready into a cell, under a new ticket. */
  fill(record: OutgoingItem): CellInUse {
    const cell = this.#spare.pop() ?? this.#kept?.pop() ?? this.#make()
    const { words, at } = cell
    const { size } = record
    try {
      if (record.kind === RecordKind.large) cell.large = record.address
      else if (size > CELL_BYTES - RECORD_AT) {
        cell.large = this.#agent.heap.allocate(size, false)
        const { views, offset } = this.#agent.space.at(cell.large, size)
        record.copyTo(views.u8, offset)
      }
    } catch (error) {
      this.#spare.push(cell)
      throw error
    }
    if (cell.large === 0) record.copyTo(this.#agent.space.at(cell.packed * 8, CELL_BYTES).views.u8, at * 4 + RECORD_AT)
    words[at + Cell.address] = cell.large === 0 ? 0 : pack(cell.large)
    words[at + Cell.size] = size
    words[at + Cell.onThread] = 0
    tickets = (tickets % LAST_TICKET) + 1
    cell.ticket = tickets
    Atomics.store(words, at + Cell.state, cell.ticket)
    record.done()
    return cell
  }

  /** Nobody has it, and nobody will look at the job in it. */
  release(cell: CellInUse): void {
    if (cell.large !== 0) this.#agent.heap.free(cell.large)
    cell.large = 0
    if (!this.#closed && (cell.tainted || this.#spare.length < MOST_SPARE)) this.#spare.push(cell)
    else this.#giveBack(cell)
  }

  /** The pool has no more jobs: gives everything back, what is in use when it is released. */
  close(): void {
    this.#closed = true
    for (const cell of this.#spare) this.#giveBack(cell)
    this.#spare = []
  }

  #giveBack(cell: CellInUse): void {
    if (cell.tainted && this.#kept) this.#kept.push(cell)
    else this.#agent.heap.free(cell.packed * 8)
  }

  #make(): CellInUse {
    const address = this.#agent.heap.allocate(CELL_BYTES, true)
    const { views, offset } = this.#agent.space.at(address, CELL_BYTES)
    return { packed: pack(address) >>> 0, words: views.i32, at: offset / 4, large: 0, ticket: 0, tainted: false }
  }
}
