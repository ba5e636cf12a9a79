import type { Condition, Context, Lock, Queue, SharedArray, Value } from '@multiproc/core'

/** How many processes share everything. */
export const SEATS = 4
/** Accounts under each lock, whose sum is always 0. */
export const ACCOUNTS = 8

/** What a process can be in the middle of: it says so before, so that its death can be judged. */
export const Doing = {
  starting: 0,
  idle: 1,
  acquiring: 2,
  holding: 3,
  putting: 4,
  getting: 5,
  ended: 6,
  waiting: 7,
  telling: 8,
} as const

export const DOINGS = ['starting', 'idle', 'acquiring', 'holding', 'putting', 'getting', 'ended', 'waiting', 'telling'] as const

/** Words of a seat. */
export const Seat = {
  /** What it is doing (`Doing`), and with which lock or queue. */
  doing: 0,
  what: 1,
  /** Counts what it has done: stands still where it hangs. */
  beat: 2,
} as const
export const SEAT_WORDS = 3

/** Bits of an item's mark. The rest counts how often it was got. */
export const Mark = { asked: 1, put: 2, got: 4 } as const

/** Words of a lock's notes. */
export const Note = {
  /** Whose critical section it is: number of the life, plus 1; 0: nobody's. */
  inside: 0,
  /** The change that was under way: 1, and from, to, balance of each before. */
  pending: 1,
  from: 2,
  to: 3,
  balanceFrom: 4,
  balanceTo: 5,
  accounts: 6,
} as const
export const NOTES = Note.accounts + ACCOUNTS

/** What can be found wrong from within a process; counted, so that nothing of it is lost with the one that saw it. */
export const Wrong = { order: 0, damage: 1, doubled: 2, intruder: 3, sum: 4, unannounced: 5 } as const
export const WRONGS = [
  'items out of order',
  'items damaged',
  'items doubled',
  'two under one lock',
  'sums that differ',
  'deaths not announced',
] as const

/** An item: which one of all, and which of its maker's. */
export interface Item {
  readonly id: number
  /** Number of the life that put it. */
  readonly life: number
  readonly n: number
  readonly pad: Uint8Array
}

/** Bytes: most of them small, some beyond what fits beside others, a few of many pages. */
export function padOf(id: number): Uint8Array {
  const bytes = id % 500 === 3 ? 200_000 : id % 40 === 7 ? 6_000 : id % 60
  return new Uint8Array(bytes).fill(id & 255)
}

export function isWhole({ id, pad }: Item): boolean {
  return pad.length === padOf(id).length && pad.every((byte) => byte === (id & 255))
}

/** Everything that the processes of one round share. */
export interface Board {
  /** The first throws at its owner's death, the second recovers by itself. */
  readonly locks: readonly [Lock, Lock]
  /** Under each lock: `NOTES` words. */
  readonly notes: readonly [SharedArray<'int32'>, SharedArray<'int32'>]
  /** Bounded and unbounded. */
  readonly queues: readonly [Queue<Item>, Queue<Item>]
  /** For tokens, of which there are so many. */
  readonly condition: Condition
  readonly tokens: Value
  readonly seats: SharedArray<'int32'>
  /** By item. */
  readonly marks: SharedArray<'uint8'>
  /** How many items there are. */
  readonly items: Value
  readonly wrong: SharedArray<'int32'>
  /** By life that died with a lock: since when the first one who got that lock had waited for it, and when it got it. ms of {@link sharedNow}. */
  readonly waited: SharedArray<'float64'>
  readonly recovered: SharedArray<'float64'>
  readonly stop: Value
}

/**
 * @param lives how many processes there will be at most
 * @param items how many items
 */
export function createBoard(mp: Context, lives: number, items: number): Board {
  const bare = { lock: false } as const
  return {
    locks: [new mp.Lock(), new mp.Lock({ onOwnerDeath: 'recover' })],
    notes: [new mp.Array('int32', NOTES, bare), new mp.Array('int32', NOTES, bare)],
    queues: [new mp.Queue<Item>(10), new mp.Queue<Item>()],
    condition: new mp.Condition(),
    tokens: new mp.Value('int32', 0, bare),
    seats: new mp.Array('int32', SEATS * SEAT_WORDS, bare),
    marks: new mp.Array('uint8', items, bare),
    items: new mp.Value('int32', 0, bare),
    wrong: new mp.Array('int32', WRONGS.length, bare),
    waited: new mp.Array('float64', lives, bare),
    recovered: new mp.Array('float64', lives, bare),
    stop: new mp.Value('int32', 0, bare),
  }
}

/** With the condition's lock held: one more token, and one who waits for it is told; all, where the last holder may have told nobody of what it did. */
export function giveToken({ condition, tokens }: Board, ownerDied: boolean): void {
  if (ownerDied) condition.notifyAll()
  tokens.value++
  condition.notify()
}

/** Atomics takes them for what they are; the compiler wants the plain kind. */
export function words(array: SharedArray<'int32'>): Int32Array {
  return array as unknown as Int32Array
}

/** ms on a clock that all processes of the machine share, unlike `performance.now()`. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
