/** One call of a queue's method as its caller saw it. Times are tickets of one counter that all callers share. */
export interface Operation {
  /** Ticket taken before the call. */
  readonly called: number
  /** Ticket taken after its return. */
  readonly returned: number
  readonly kind: 'put' | 'get'
  /** What was put or got; `undefined` where nothing was. */
  readonly item: number | undefined
  /** `refused`: it found the queue full, or empty, and did nothing. `gaveUp`: its time ran out while it waited. */
  readonly outcome: 'done' | 'refused' | 'gaveUp'
}

/** The calls of each caller, each in its order: a caller makes one at a time. */
export type History = readonly (readonly Operation[])[]

/**
 * Whether there is an order of all calls, in which each lies between its ticket before and its ticket after, that a queue of at most `maxsize` items
 * (0: any number) would have answered so. `undefined` where there is; else a description of the place beyond which none leads.
 *
 * The search of Wing and Gong, "Testing and Verifying Concurrent Objects" (J. Parallel Distrib. Comput. 17, 1993), with the table of states met before
 * of Lowe, "Testing for linearizability" (2017). A wrong order of two puts would show only when their items are got, after a search through all that lies
 * between; so a put is tried only where the gets, which are known, can follow. Each item must be put once.
 *
 * @throws Error where the search does not come to an end
 */
export function findViolation(history: History, maxsize: number): string | undefined {
  const total = history.reduce((sum, log) => sum + log.length, 0)
  const gets = new Map(
    history.flat().flatMap((op) => (op.kind === 'get' && op.outcome === 'done' ? [[op.item, op] as const] : [])),
  )
  const canFollow = (item: number, earlier: number) => {
    const [first, second] = [gets.get(earlier), gets.get(item)]
    return second === undefined || (first !== undefined && first.called <= second.returned)
  }
  const seen = new Set<string>()
  const open: State[] = [{ done: history.map(() => 0), items: [] }]
  let farthest = open[0] as State
  for (let state = open.pop(); state; state = open.pop()) {
    const key = `${state.done.join()}|${state.items.join()}`
    if (seen.has(key)) continue
    seen.add(key)
    if (seen.size > MOST_STATES) throw new Error(`the search was given up after ${MOST_STATES} states: make the history shorter`)
    const count = sum(state.done)
    if (count === total) return undefined
    if (count > sum(farthest.done)) farthest = state
    for (const next of successors(history, state, maxsize)) {
      const added = next.items.length > state.items.length ? (next.items.at(-1) as number) : undefined
      if (added === undefined || state.items.every((earlier) => canFollow(added, earlier))) open.push(next)
    }
  }
  return describe(history, farthest)
}

const MOST_STATES = 1_000_000

interface State {
  /** How many calls of each caller have taken effect. */
  readonly done: readonly number[]
  /** What the queue holds. */
  readonly items: readonly number[]
}

function* successors(history: History, { done, items }: State, maxsize: number): Generator<State> {
  const heads = history.map((log, caller) => log[done[caller] as number])
  // What was called after another had returned cannot come before it.
  const firstReturn = Math.min(...heads.map((head) => head?.returned ?? Number.POSITIVE_INFINITY))
  // The last one is tried first: what returned first most likely took effect first.
  const callers = [...heads.keys()].sort((a, b) => (heads[b]?.returned ?? 0) - (heads[a]?.returned ?? 0))
  for (const caller of callers) {
    const head = heads[caller]
    if (!head || head.called > firstReturn) continue
    const after = apply(items, head, maxsize)
    if (after) yield { done: done.map((n, other) => (other === caller ? n + 1 : n)), items: after }
  }
}

/** What the queue holds after the call; `undefined` where a queue would have answered otherwise. */
function apply(items: readonly number[], { kind, item, outcome }: Operation, maxsize: number): readonly number[] | undefined {
  const full = maxsize !== 0 && items.length >= maxsize
  if (outcome === 'gaveUp') return items
  if (outcome === 'refused') return (kind === 'put' ? full : items.length === 0) ? items : undefined
  if (kind === 'put') return full ? undefined : [...items, item as number]
  return items[0] === item && items.length > 0 ? items.slice(1) : undefined
}

function describe(history: History, { done, items }: State): string {
  const lines = history.map((log, caller) => {
    const at = done[caller] as number
    const shown = log.slice(at, at + 3).map((op) => `${op.kind} ${op.item ?? ''} ${op.outcome} [${op.called}, ${op.returned}]`)
    return `  caller ${caller}, call ${at}: ${shown.join('; ') || 'none left'}`
  })
  return `no legal order leads beyond ${sum(done)} calls, where the queue holds [${items.join(', ')}] and next are\n${lines.join('\n')}`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
