import { Actor, type Program } from './actor.js'
import type { Compiled } from './compile.js'
import type { Operation } from './operation.js'

/** Longer histories are taken for a loop that goes on for ever. */
const LONGEST_HISTORY = 2000

/** A point of an agent's life: what it does next, as a function of the results so far. */
export interface Point {
  readonly id: number
  /** What it is about to do; `undefined` once it has ended. */
  readonly next: Operation | undefined
  /** What its program threw, if it ended so. */
  readonly failure: string | undefined
}

interface Node extends Point {
  /** Which of the agent's programs runs. */
  readonly stage: number
  readonly before: Node | undefined
  readonly result: number
  readonly depth: number
  readonly after: Map<number, Node>
}

/**
 * An agent as a decision tree: its branches are the results that its operations can have. It is grown as the exploration gets there, each point by running the real code
 * once from the beginning with the results that lead to it.
 *
 * Points that differ only in what the agent has forgotten since are one: `Recorder.cut` says which.
 *
 * An agent may have several programs, one after the other. They begin anew, with no memory of what was before, so that their histories need not be told apart.
 */
export class Tree {
  readonly #compiled: Compiled
  readonly #tag: number
  readonly #programs: readonly Program[]
  readonly #nodes: Node[] = []
  readonly #stages: Node[] = []
  readonly #cuts = new Map<string, Node>()

  constructor(compiled: Compiled, tag: number, programs: readonly Program[]) {
    this.#compiled = compiled
    this.#tag = tag
    this.#programs = programs
    this.#begin(0)
  }

  get size(): number {
    return this.#nodes.length
  }

  point(id: number): Point {
    return this.#nodes[id] as Node
  }

  /** Where an agent is after its next operation had this result. */
  after(id: number, result: number): Point {
    const node = this.#nodes[id] as Node
    return node.after.get(result) ?? this.#grow(node, result, node.stage)
  }

  /** Where a program begins: whatever the ones before it did. Behind the last one there is only the end. */
  #begin(stage: number): Node {
    this.#stages[stage] ??=
      stage < this.#programs.length ? this.#grow(undefined, 0, stage) : this.#add({ ...NOWHERE, stage, next: undefined })
    return this.#stages[stage]
  }

  #grow(before: Node | undefined, result: number, stage: number): Node {
    const depth = before ? before.depth + 1 : 0
    const path: (Node | undefined)[] = new Array(depth)
    const history = new Array<number>(depth)
    if (before) history[depth - 1] = result
    for (let node = before; node; node = node.before) {
      path[node.depth] = node
      if (node.depth > 0) history[node.depth - 1] = node.result
    }
    const { recorder } = this.#compiled.platform
    const program = this.#programs[stage] as Program
    const end = recorder.replay(history, () => new Actor(this.#compiled, this.#tag).run(program))
    let node: Node | undefined
    if (end === undefined) node = this.#begin(stage + 1)
    else if ('thrown' in end) {
      const failure = `threw ${(end.thrown as Error)?.stack ?? String(end.thrown)}`
      node = this.#add({ ...NOWHERE, stage, next: undefined, failure })
    } else {
      const cut = recorder.lastCut
      const key = cut && `${stage} ${path[cut.mark]?.id} ${cut.key}`
      node = key === undefined ? undefined : this.#cuts.get(key)
      if (!node) {
        const failure = depth > LONGEST_HISTORY ? `goes on for ever: more than ${LONGEST_HISTORY} operations` : undefined
        node = this.#add({ stage, next: end, failure, before, result, depth })
        if (key !== undefined) this.#cuts.set(key, node)
      }
    }
    before?.after.set(result, node)
    return node
  }

  #add(node: Omit<Node, 'id' | 'after'>): Node {
    const added: Node = { ...node, id: this.#nodes.length, after: new Map() }
    this.#nodes.push(added)
    return added
  }
}

const NOWHERE = { before: undefined, result: 0, depth: 0, failure: undefined }
