import type { Context, Process } from '@multiproc/core'
import { inTime, until } from '../support/hang.js'
import { randomMoment } from '../support/moments.js'
import { killHard } from '../support/os-processes.js'
import { randomFrom } from '../support/random.js'
import { type Board, createBoard, DOINGS, Doing, SEAT_WORDS, SEATS, Seat, sharedNow, WRONGS, words } from './board.js'
import { live } from './life.js'
import { settle } from './settle.js'
import { Tide } from './tide.js'

/** Items that a round has marks for; when they are used up nobody puts any more, and locks alone go on. */
const ITEMS = 2 ** 22
/** ms for a process to start, or to end. */
const LIMIT = 10_000
/** ms in which a process does something, unless it hangs. */
const HANGS_AFTER = 3_000
/** ms that a process may work, once it has started, before it is killed. */
const SHORT_LIFE = 50
/** That of the first seat: whoever is killed soon cannot be seen to hang. */
const LONG_LIFE = 4 * HANGS_AFTER
/** ms; a good part of what a start takes. */
const START = 60
/** Of all victims, the part that is killed while it starts. */
const KILLED_AT_START = 0.1

/** What a round has seen. */
export interface RoundReport {
  readonly kills: number
  /** What the victims were doing, as far as they had said. */
  readonly victims: Readonly<Record<string, number>>
  readonly items: number
  /** Items that went with the consumer that had them in its hands. */
  readonly taken: number
  /** ms from each kill of a lock's holder, or from when somebody waited for the lock, to when that one got it. */
  readonly recoveries: readonly number[]
  /** Whatever must not be. */
  readonly problems: readonly string[]
}

/**
 * Kills the processes that share a board, one at a time and at random moments, and starts others in their place; then lets the last of them end by themselves
 * and settles accounts.
 * @param seed the same seed chooses the same victims, moments and actions; what comes of it is up to the scheduler
 * @param patience factor of all limits
 */
export async function runRound(mp: Context, kills: number, seed: number, patience: number): Promise<RoundReport> {
  const round = new Round(mp, kills, seed, patience)
  await round.run()
  return round.report()
}

class Round {
  readonly #mp: Context
  readonly #board: Board
  readonly #seats: Int32Array
  readonly #kills: number
  readonly #patience: number
  readonly #random: () => number
  readonly #problems: string[] = []
  /** By life: when it was killed. */
  readonly #killedAt = new Map<number, number>()
  readonly #victims = new Map<string, number>()
  /** By seat: since when it has been seen doing this. */
  readonly #seen: { doing: string; beat: number; at: number }[] = []
  #lives = 0
  #taken = 0

  constructor(mp: Context, kills: number, seed: number, patience: number) {
    this.#mp = mp
    this.#board = createBoard(mp, kills + SEATS, ITEMS)
    this.#seats = words(this.#board.seats)
    this.#kills = kills
    this.#patience = patience
    this.#random = randomFrom(seed)
  }

  async run(): Promise<void> {
    const watch = setInterval(() => this.#lookForHangs(), 250)
    const tide = new Tide(this.#board)
    try {
      await Promise.all(Array.from({ length: SEATS }, (_, seat) => this.#occupy(seat)))
    } catch (error) {
      this.#problems.push((error as Error).message)
    } finally {
      clearInterval(watch)
      tide.stop()
    }
    // Of what hangs nothing can be said, and none of its locks can be had.
    if (this.#problems.length > 0) return
    const { taken, problems } = settle(this.#board, this.#victims)
    this.#taken = taken
    this.#problems.push(...problems)
  }

  report(): RoundReport {
    const { waited, recovered, wrong, items } = this.#board
    const recoveries = [...this.#killedAt]
      .filter(([life]) => recovered[life] !== 0)
      // Where nobody waited then, from when somebody did.
      .map(([life, at]) => (recovered[life] as number) - Math.max(at, waited[life] as number))
    const counted = [...wrong].map((count, n) => `${count} × ${WRONGS[n]}`).filter((text) => !text.startsWith('0'))
    return {
      kills: this.#killedAt.size,
      victims: Object.fromEntries([...this.#victims].sort()),
      items: Math.min(items.value, ITEMS),
      taken: this.#taken,
      recoveries,
      problems: [...this.#problems, ...counted],
    }
  }

  /** One seat: life after life, until there have been kills enough. The last one is told to stop. */
  async #occupy(seat: number): Promise<void> {
    let killed = true
    while (killed && this.#problems.length === 0) {
      const life = this.#lives++
      const args = [this.#board, seat, life, Math.floor(this.#random() * 2 ** 31)] satisfies Parameters<typeof live>
      this.#seats[seat * SEAT_WORDS + Seat.doing] = Doing.starting
      const one = new this.#mp.Process({ target: live, args, name: `life ${life}` }).start()
      killed = await this.#end(one, seat, life)
    }
  }

  /** @returns whether it was killed, and its seat is free */
  async #end(one: Process, seat: number, life: number): Promise<boolean> {
    const atStart = this.#random() < KILLED_AT_START
    const isThere = () => this.#seats[seat * SEAT_WORDS + Seat.doing] !== Doing.starting
    if (!atStart)
      await until(
        () => isThere() || !one.isAlive() || this.#problems.length > 0,
        LIMIT * this.#patience,
        `the start of ${one.name}`,
      )
    await this.#liveOn(seat, atStart)
    if (this.#isOver) {
      this.#board.stop.value = 1
      const code = await inTime(
        one.join(),
        LIMIT * this.#patience,
        `the end of ${one.name}, which was told to stop while ${this.#doing(seat)}`,
      )
      if (code !== 0) this.#problems.push(`${one.name} ended with exit code ${code} of itself: ${String(one.error)}`)
      return false
    }
    this.#killedAt.set(life, sharedNow())
    killHard(one.pid as number)
    const code = await inTime(one.join(), LIMIT * this.#patience, `the end of ${one.name}, which was killed`)
    if (code !== -9) this.#problems.push(`${one.name} ended with exit code ${code} before it was killed: ${String(one.error)}`)
    const doing = this.#doing(seat)
    this.#victims.set(doing, (this.#victims.get(doing) ?? 0) + 1)
    return true
  }

  /** Until its hour has come, or the round is over. */
  async #liveOn(seat: number, atStart: boolean): Promise<void> {
    if (atStart || seat !== 0) return randomMoment(this.#random, atStart ? START : SHORT_LIFE)
    const end = performance.now() + this.#random() * LONG_LIFE * this.#patience
    while (performance.now() < end && !this.#isOver) await randomMoment(this.#random, 10)
  }

  get #isOver(): boolean {
    return this.#killedAt.size >= this.#kills || this.#problems.length > 0
  }

  #lookForHangs(): void {
    const now = performance.now()
    for (let seat = 0; seat < SEATS; seat++) {
      const [doing, beat] = [this.#doing(seat), this.#seats[seat * SEAT_WORDS + Seat.beat] as number]
      const last = this.#seen[seat]
      if (!last || last.doing !== doing || last.beat !== beat) this.#seen[seat] = { doing, beat, at: now }
      else if (now - last.at > HANGS_AFTER * this.#patience && doing !== 'ended' && doing !== 'starting') {
        const all = Array.from({ length: SEATS }, (_, n) => this.#doing(n)).join(', ')
        const sizes = this.#board.queues.map(({ size }) => size).join(' and ')
        this.#problems.push(
          `seat ${seat} hangs ${doing} for ${Math.round(now - last.at)} ms; all: ${all}; in the queues: ${sizes}`,
        )
      }
    }
  }

  #doing(seat: number): string {
    const at = seat * SEAT_WORDS
    const doing = DOINGS[this.#seats[at + Seat.doing] as number] as string
    return NAMED.has(doing) ? `${doing} ${this.#seats[at + Seat.what]}` : doing
  }
}

/** What is done with a certain lock or queue. */
const NAMED = new Set(['acquiring', 'holding', 'putting', 'getting'])
