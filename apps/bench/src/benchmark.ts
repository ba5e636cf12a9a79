/** What is measured, and by whom: the vocabulary that benchmarks, the runner and the report share. */

/** One question ("how long does an uncontended lock pair take?") with everybody who answers it. */
export interface Benchmark {
  /** How it is called on the command line. */
  readonly name: string
  readonly title: string
  /** What exactly a figure says, in one sentence. */
  readonly measures: string
  readonly unit: Unit
  readonly better: 'lower' | 'higher'
  /**
   * Whether the CPUs must be kept out of idle: waking one takes longer than what is measured, and by luck it is awake or not. Then only medians mean something.
   */
  readonly awake?: boolean
  /** By name. */
  readonly contenders: Readonly<Record<string, Contender>>
  /** The contender that the others are compared with: multiproc, by its plainest use. */
  readonly ours: string
  readonly targets?: readonly Target[]
}

export type Unit = 'ns' | 'µs' | 'ms' | '/s' | 'MiB/s' | 'efficiency'

/** Runs in a process of its own: warms up, measures several times, and gives each figure in the benchmark's unit. */
export type Contender = (scale: Scale) => Promise<readonly number[]>

/** How much is done for one figure. */
export interface Scale {
  /** Figures that one process gives, after its warm-up. */
  readonly samples: number
  /** Factor on the amount of work, 1 in a full run. */
  readonly work: number
}

/** A figure of ours that has to be reached, in the same run as what it is compared with. */
export interface Target {
  /** As the report prints it. */
  readonly says: string
  /** `undefined` where somebody it needs did not run or failed. */
  judge(outcome: Outcome): Verdict | undefined
}

export interface Verdict {
  /** What was reached, as text. */
  readonly reached: string
  readonly met: boolean
}

/** Everything that came out of one benchmark. */
export interface Outcome {
  readonly benchmark: Benchmark
  /** By contender, those that were asked to run. */
  readonly results: ReadonlyMap<string, Result>
}

/** What one contender reached: a figure a round (the median of its process's samples), or why there is none. */
export type Result = { readonly rounds: readonly number[] } | { readonly failure: string }
