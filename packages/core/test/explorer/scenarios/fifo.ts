import type { Look, Monitor } from '../scenario.js'

/** What agents tell of a queue. */
export type Event = 'puts' | 'put' | 'gets' | 'got' | 'found it empty' | 'found it full' | 'found it shut' | 'gave up' | 'shut'

/** What has become of an item. `coming`: its put has begun. */
const Item = { none: 0, coming: 1, in: 2, out: 3, refused: 4 } as const
const Doing = { nothing: 0, putting: 1, getting: 2 } as const

/**
 * Whether a history of puts and gets is one of a FIFO queue: by the patterns that every other history shows (Henzinger, Sezgin and Vafeiadis, Aspect-oriented
 * linearizability proofs, 2013). Sets of items are bits.
 *
 * The ghost: for each item what became of it, and those whose put ended before its began; for each agent what it does, with which item, and what it may not find:
 * items that must have been taken before it began, or, of an empty queue, items that were surely in it.
 *
 * @param present so many of the items are in it from the beginning
 */
export function fifo(items: number, agents: number, maxsize: number, present = 0) {
  const STATE = 0
  const BEFORE = items
  const DOING = items * 2
  const WITH = DOING + agents
  const PAST = WITH + agents
  const SURE = PAST + agents
  const TAKEN = SURE + agents
  const SHUT = TAKEN + agents
  const LOST = SHUT + 1
  const HALF_PUT = LOST + 1

  const inState = (ghost: readonly number[], ...states: number[]): number => {
    let set = 0
    for (let item = 0; item < items; item++) if (states.includes(ghost[STATE + item] as number)) set |= 1 << item
    return set
  }
  const count = (ghost: readonly number[], doing: number, except: number): number => {
    let found = 0
    for (let agent = 0; agent < agents; agent++) if (agent !== except && ghost[DOING + agent] === doing) found++
    return found
  }

  const initial = new Array<number>(HALF_PUT + 1).fill(0)
  for (let item = 0; item < present; item++) {
    initial[STATE + item] = Item.in
    initial[BEFORE + item] = (1 << item) - 1
  }

  const monitor: Monitor = {
    initial,
    noted(ghost, agent, event, value) {
      const done = () => {
        ghost[DOING + agent] = Doing.nothing
        ghost[WITH + agent] = 0
        ghost[PAST + agent] = 0
        ghost[SURE + agent] = 0
        ghost[TAKEN + agent] = 0
      }
      switch (event as Event) {
        case 'puts':
          ghost[STATE + value] = Item.coming
          ghost[BEFORE + value] = inState(ghost, Item.in, Item.out)
          ghost[DOING + agent] = Doing.putting
          ghost[WITH + agent] = value
          ghost[TAKEN + agent] = bits(inState(ghost, Item.out))
          return undefined
        case 'put':
          done()
          if (ghost[STATE + value] === Item.coming) ghost[STATE + value] = Item.in
          // Who is getting, or died while it was, may have taken one and not have told.
          return maxsize !== 0 &&
            bits(inState(ghost, Item.in)) - count(ghost, Doing.getting, agent) - (ghost[LOST] as number) > maxsize
            ? `put ${value} into a full queue`
            : undefined
        case 'gets': {
          ghost[DOING + agent] = Doing.getting
          let past = 0
          for (let item = 0; item < items; item++) if (ghost[STATE + item] === Item.out) past |= ghost[BEFORE + item] as number
          ghost[PAST + agent] = past & ~inState(ghost, Item.out)
          ghost[SURE + agent] = inState(ghost, Item.in)
          return undefined
        }
        case 'got': {
          const state = ghost[STATE + value]
          const past = ghost[PAST + agent] as number
          done()
          if (state === undefined || state === Item.none) return `got ${value}, which nobody put`
          if (state === Item.out) return `got ${value}, which was taken before`
          if (state === Item.refused) return `got ${value}, whose put was refused`
          if ((past & (1 << value)) !== 0) return `got ${value} after one that was put later had been taken`
          ghost[STATE + value] = Item.out
          return undefined
        }
        case 'found it empty': {
          // Others may have taken what was there and not have told yet.
          const left = bits((ghost[SURE + agent] as number) & inState(ghost, Item.in))
          const others = count(ghost, Doing.getting, agent) + (ghost[LOST] as number)
          done()
          return left > others ? 'found it empty, but there was an item all the time' : undefined
        }
        case 'found it full': {
          const item = ghost[WITH + agent] as number
          const at = bits(inState(ghost, Item.coming, Item.in) & ~(1 << item))
          const taken = bits(inState(ghost, Item.out)) - (ghost[TAKEN + agent] as number)
          ghost[STATE + item] = Item.refused
          done()
          return at + taken < maxsize || maxsize === 0 ? 'found it full, but it never was' : undefined
        }
        case 'gave up':
          if (ghost[DOING + agent] === Doing.putting) ghost[STATE + (ghost[WITH + agent] as number)] = Item.refused
          done()
          return undefined
        case 'found it shut':
          if (ghost[DOING + agent] === Doing.putting) ghost[STATE + (ghost[WITH + agent] as number)] = Item.refused
          done()
          return undefined
        case 'shut':
          ghost[SHUT] = 1
          return undefined
      }
    },
    died(ghost, agent) {
      if (ghost[DOING + agent] === Doing.getting) ghost[LOST] = (ghost[LOST] as number) + 1
      if (ghost[DOING + agent] === Doing.putting)
        ghost[HALF_PUT] = (ghost[HALF_PUT] as number) | (1 << (ghost[WITH + agent] as number))
      ghost[DOING + agent] = Doing.nothing
    },
  }

  const rest = {
    isGetting: (ghost: readonly number[], agent: number) => ghost[DOING + agent] === Doing.getting,
    /** @param left what was found in the queue at last, in order */
    whatIsWrong({ ghost }: Look, left: readonly number[]): string | undefined {
      let seen = 0
      for (const item of left) {
        const state = ghost[STATE + item]
        if (state !== Item.in && state !== Item.coming)
          return `${item} is still in the queue, but it was taken, refused or never put`
        if ((seen & (1 << item)) !== 0) return `${item} is in the queue twice`
        for (let other = 0; other < items; other++) {
          if (((seen >> other) & 1) !== 0 && ((ghost[BEFORE + other] as number) & (1 << item)) !== 0)
            return `${item} is behind ${other}, which was put later`
        }
        seen |= 1 << item
      }
      for (let item = 0; item < items; item++) {
        if (ghost[STATE + item] !== Item.out) continue
        const late = (ghost[BEFORE + item] as number) & seen
        if (late !== 0) return `${item} was taken before what had been put before it`
      }
      const missing = inState(ghost, Item.in) & ~seen
      if (bits(missing) > (ghost[LOST] as number))
        return `lost: ${left.length} items are left, of ${bits(inState(ghost, Item.in))} put and not taken`
      return undefined
    },
  }
  return { monitor, rest }
}

function bits(set: number): number {
  let n = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) n++
  return n
}
