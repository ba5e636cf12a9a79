import type { Agent } from '../agent.js'
import { tryLock, tryLockSlow, unlock } from '../sync/mutex.js'
import { PUBLISHED } from './heap.js'
import { kindOf, type Trace } from './kinds.js'
import { COLLECTOR_MUTEX_AT, RELEASED_AT } from './layout.js'
import { Entry } from './ledger.js'
import { unpack } from './space.js'

/**
 * Frees what nobody uses any more: objects that travelled and that no agent holds, nor any message on its way; and blocks whose owner died.
 *
 * Marking starts from the objects with a holder and follows containers. It runs while everyone else goes on, so what it saw may be outdated when
 * it ends. Therefore every departure and every arrival of a handle marks its entry as touched, *before* it can be seen at the new place
 * and before it vanishes from the old one. An object that was untouched from the beginning of the marking to its end has not moved, so what was seen of
 * it is still true; one that was touched counts as held, and so does all that it contains (snapshot at the beginning, after Yuasa 1990).
 *
 * @returns whether this agent could collect; `false` where another is at it
 */
export function collect(agent: Agent): boolean {
  const { family, ledger } = agent
  if (!tryLock(agent, family.words, COLLECTOR_MUTEX_AT) && !tryLockSlow(agent, family.words, COLLECTOR_MUTEX_AT, true))
    return false
  try {
    Atomics.store(family.words, RELEASED_AT, 0)
    // Before the marking: who dies during it may yet have put a block where the marking has been.
    const orphans = orphansOf(agent)
    const ids = ledger.ids()
    for (const id of ids) {
      const { words, at } = ledger.entry(id)
      Atomics.store(words, at + Entry.touched, 0)
    }

    const marked = new Set<number>()
    const contained = new Set<number>()
    const open: number[] = []
    const trace: Trace = {
      block: (address) => contained.add(address),
      handle: (id) => {
        if (marked.has(id)) return
        marked.add(id)
        open.push(id)
      },
    }
    const markAll = () => {
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        const { words, at } = ledger.entry(id)
        const kind = words[at + Entry.kind] as number
        if (kind !== 0) kindOf(kind).trace?.(agent, unpack(words[at + Entry.address] as number), trace)
      }
    }

    const tags = family.tags()
    for (const id of ids) if (ledger.isHeld(id, tags)) trace.handle(id)
    markAll()
    // What moved meanwhile counts as held. Marking from it can show more that moved before; until nothing new comes up.
    for (let before = -1; before !== marked.size; ) {
      before = marked.size
      const now = family.tags()
      for (const id of ids) {
        if (marked.has(id)) continue
        const { words, at } = ledger.entry(id)
        if (Atomics.load(words, at + Entry.touched) !== 0 || ledger.isHeld(id, now)) trace.handle(id)
      }
      markAll()
    }

    for (const id of ids) if (!marked.has(id)) free(agent, id)
    sweep(agent, orphans, contained)
    return true
  } finally {
    unlock(agent, family.words, COLLECTOR_MUTEX_AT)
  }
}

function free(agent: Agent, id: number): void {
  const { words, at } = agent.ledger.entry(id)
  const kind = kindOf(words[at + Entry.kind] as number)
  const address = unpack(words[at + Entry.address] as number)
  // It and what it consists of are answered for by this agent until they are free, so that dying here leaves them to the next collector's sweep.
  kind.trace?.(agent, address, { block: (part) => agent.heap.setOwner(part, agent.tag), handle: () => {} })
  agent.heap.setOwner(address, agent.tag)
  agent.ledger.retire(id)
  kind.dispose?.(agent, address)
  agent.heap.free(address)
}

/** A block whose owner is gone. */
interface Orphan {
  readonly address: number
  readonly owner: number
}

function orphansOf({ family, heap }: Agent): readonly Orphan[] {
  const orphans: Orphan[] = []
  heap.forEachBlock((address, owner) => {
    if (owner !== PUBLISHED && !family.has(owner)) orphans.push({ address, owner })
  })
  return orphans
}

/** Frees what agents that are gone left behind, except what containers still in use refer to: that is this agent's to answer for now. */
function sweep({ heap, tag }: Agent, orphans: readonly Orphan[], contained: ReadonlySet<number>): void {
  for (const { address, owner } of orphans) {
    if (contained.has(address)) heap.changeOwner(address, owner, tag)
    else heap.freeIfOwnedBy(address, owner)
  }
}
