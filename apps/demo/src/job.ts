import type { Context, Progress } from '@multiproc/core'
import type { TextFile } from './input.js'

/** What all jobs are given. */
export interface Setting {
  readonly files: readonly TextFile[]
  /** How many processes work at the same time. */
  readonly workers: number
}

/** What came of a job on one backend. */
export interface Outcome {
  /** Must be deeply equal to what the serial run gave. */
  readonly result: unknown
  /** The same for people, in a line. */
  readonly summary: string
  /** How many of the job's units were worked on. */
  readonly items: number
  /** Additions to shared memory that another process wiped out; absent where the job adds nothing up. */
  readonly lostUpdates?: number
}

export type OnProgress = (progress: Progress) => void

/** Something to do, both in this thread and on any backend. */
export interface Job {
  /** For `--only` and `--json`. */
  readonly name: string
  readonly title: string
  /** What it shows, in a sentence. */
  readonly about: string
  /** What `items` counts, in the plural. */
  readonly unit: string
  /** Works on `Setting.files`. */
  readonly readsFiles?: boolean
  /** What it does is too little, or too much waiting, for its speed to say anything. */
  readonly untimed?: boolean
  serially(setting: Setting, onProgress: OnProgress): Promise<Outcome>
  on(mp: Context, setting: Setting, onProgress: OnProgress): Promise<Outcome>
  /** Whether it showed what it is to show, where that is not just the serial result. */
  holds?(outcome: Outcome): boolean
  /** Writes what came out to a file, once the clock has stopped. */
  save?(outcome: Outcome, path: string): Promise<void>
}
