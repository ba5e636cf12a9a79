/**
 * What an agent does to the world outside it: everything else it does is a function of the results. Words are named by their index in the
 * family's memory.
 */
export type Operation =
  | { readonly do: 'load' | 'read' | 'listen'; readonly at: number }
  | {
      readonly do: 'store' | 'write' | 'exchange' | 'add' | 'sub' | 'and' | 'or' | 'xor'
      readonly at: number
      readonly value: number
    }
  | { readonly do: 'compareExchange'; readonly at: number; readonly expected: number; readonly value: number }
  /** Sleep while the word holds `value`; `ms` as given, `left` until the deadline that the caller of it all set. */
  | { readonly do: 'wait'; readonly at: number; readonly value: number; readonly ms: number; readonly left: number }
  | { readonly do: 'notify'; readonly at: number; readonly count: number }
  /** Ask the operating system whether the agent with this number still runs. */
  | { readonly do: 'alive'; readonly agent: number }
  | { readonly do: 'allocate'; readonly bytes: number }
  | { readonly do: 'free'; readonly address: number }
  | { readonly do: 'own'; readonly address: number; readonly owner: number }
  /** The event loop has nothing to run and waits for one of these. Timers that are due soon will fire even if nothing else happens. */
  | {
      readonly do: 'poll'
      readonly timer: 'none' | 'soon' | 'late'
      readonly interval: boolean
      readonly immediate: boolean
      readonly signals: readonly number[]
    }
  /** Tells the scenario's monitor what has happened. Not a step: it happens together with the step before. */
  | { readonly do: 'note'; readonly event: string; readonly value: number }

/** What a `wait` resulted in, and how long it took: `outcome | took << 2`. */
export const Outcome = { ok: 0, notEqual: 1, timedOut: 2 } as const
/** How much time passed, on the agent's clock: none, a moment, all of {@link PATIENCE_MS}. */
export const Took = { none: 0, moment: 1, tooLong: 2 } as const
export const MOMENT_MS = 1
/** ms: waits of so much are liveness ticks, which come only after a death; shorter ones are part of an algorithm, and end. */
export const TICK_MS = 50
/** The one timeout that explored programs use, ms. */
export const PATIENCE_MS = 1000

/** What the event loop runs next: `event | id << 3`. */
export const Event = { timer: 0, interval: 1, immediate: 2, bell: 3, abort: 4 } as const

const EVENTS = ['a timer fires', 'the interval fires', 'an immediate runs', 'the bell rings', 'signal aborts:']
const OUTCOMES = ['woken', 'the word had changed', 'timed out']
const TOOK = ['', ' after a moment', ' after the deadline']

/** One line of a trace. @param name of a word */
export function describe(operation: Operation, result: number, name: (at: number) => string): string {
  const o = operation
  switch (o.do) {
    case 'load':
    case 'read':
      return `${o.do} ${name(o.at)} = ${result}`
    case 'listen':
      return `listen to ${name(o.at)}${result === 1 ? '' : ': it rings already'}`
    case 'store':
    case 'write':
      return `${o.do} ${name(o.at)} ← ${o.value}`
    case 'exchange':
    case 'add':
    case 'sub':
    case 'and':
    case 'or':
    case 'xor':
      return `${o.do} ${name(o.at)}, ${o.value} = ${result}`
    case 'compareExchange':
      return `compareExchange ${name(o.at)}, ${o.expected} → ${o.value} = ${result}${result === o.expected ? '' : ' (failed)'}`
    case 'wait':
      return `wait on ${name(o.at)} while ${o.value}: ${OUTCOMES[result & 3]}${TOOK[result >> 2]}`
    case 'notify':
      return `notify ${name(o.at)}, ${o.count === 0x7fffffff ? 'all' : o.count} = ${result}`
    case 'alive':
      return `is agent ${o.agent} alive? ${result === 1 ? 'yes' : 'no'}`
    case 'allocate':
      return `allocate ${o.bytes} bytes = ${result}`
    case 'free':
      return `free ${o.address}`
    case 'own':
      return `answer for block ${o.address}`
    case 'poll':
      return `event loop: ${EVENTS[result & 7]}${(result & 7) === Event.abort ? ` ${result >> 3}` : ''}`
    case 'note':
      return `→ ${o.event} ${o.value}`
  }
}
