import type { SyncPort } from '../../src/sync/port.js'

/** One agent as the synchronisation algorithms see it, with notes of what they ask of it. */
export class TestPort implements SyncPort {
  readonly spins = 0
  sharesBell = false
  time = 0
  /** What was rung and notified, in order: bells, or index and count. */
  readonly calls: (number | readonly [index: number, count: number])[] = []
  /** Bells behind which all have ended, by number. */
  readonly dead = new Set<number>()
  /** How many are asleep, by index. */
  readonly asleep = new Map<number, number>()
  readonly bell: number

  constructor(readonly tag = 1024) {
    this.bell = 1 << (tag & 31)
  }

  now(): number {
    return this.time
  }

  wait(words: Int32Array, index: number, value: number): string {
    return Atomics.load(words, index) === value ? 'timed-out' : 'not-equal'
  }

  sleepUntilRung(): void {}

  park(): void {}

  unpark(): void {}

  notify(_words: Int32Array, index: number, count: number): number {
    this.calls.push([index, count])
    const woken = Math.min(count, this.asleep.get(index) ?? 0)
    this.asleep.set(index, (this.asleep.get(index) ?? 0) - woken)
    return woken
  }

  ring(bells: number): void {
    this.calls.push(bells)
  }

  ringAgain(): void {}

  isAlive(): boolean {
    return true
  }

  livesBehind(bell: number): boolean {
    return !this.dead.has(bell)
  }
}
