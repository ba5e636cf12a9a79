import { type Event, type SharedList, type SharedMap, task, type Value } from '@multiproc/core'
import { kinds } from '../support/items.js'
import { randomFrom } from '../support/random.js'

/** Carries what is in the first two over to the others, and what it makes itself where they have nothing. */
export const setKinds = task(
  import.meta,
  function setKinds(map: SharedMap, list: SharedList, far: SharedMap, farList: SharedList) {
    for (const [n, [kind, make]] of Object.entries(kinds).entries()) {
      far.set(kind, n % 2 === 0 ? map.get(kind) : make())
      farList.push(n % 2 === 0 ? make() : list.get(n))
    }
  },
)

type Counter = { n: number }

/** Counts all rounds, and every second one. */
export const countUp = task(
  import.meta,
  function countUp(map: SharedMap<string, Counter>, list: SharedList<number>, rounds: number) {
    const up = (seen: Counter | undefined) => ({ n: (seen?.n ?? 0) + 1 })
    for (let n = 0; n < rounds; n++) {
      map.update('all', up)
      list.update(0, (seen) => seen + 1)
      if (n % 2 === 0) continue
      map.update('even', up)
      list.update(1, (seen) => seen + 1)
    }
  },
)

type Account = { money: number }

/** Moves money from one account to another, until told to stop. */
export const transfer = task(
  import.meta,
  function transfer(accounts: SharedMap<number, Account>, listed: SharedList<Account | number>, stop: Value, seed: number) {
    const random = randomFrom(seed)
    const { size } = accounts
    const any = () => Math.floor(random() * size)
    while (stop.value === 0) {
      const [from, to, money] = [any(), any(), Math.floor(random() * 10)]
      if (from === to) continue
      accounts.update(from, (seen) => {
        accounts.update(to, (other) => ({ money: (other?.money ?? 0) + money }))
        return { money: (seen?.money ?? 0) - money }
      })
      listed.update(from, (seen) => {
        listed.update(to, (other) => plus(other, money))
        return plus(seen, -money)
      })
    }
  },
)

/** Now as a number, now as an object. */
function plus(one: Account | number, money: number): Account | number {
  return typeof one === 'number' ? { money: one + money } : one.money + money
}

/** Something of everything, on keys of its own and on keys that all have; what is wrong with what it finds. */
export const mixAll = task(
  import.meta,
  function mixAll(
    map: SharedMap<string | number, unknown>,
    list: SharedList<Entry>,
    wrong: SharedList<string>,
    me: number,
    rounds: number,
  ) {
    const own = (n: number) => `${me}/${n % 20}`
    for (let n = 0; n < rounds; n++) {
      switch (n % 6) {
        case 0:
          map.set(own(n), { from: me, n })
          break
        case 1: {
          const seen = map.get(own(n - 1)) as Entry | undefined
          if (seen?.from !== me || seen.n !== n - 1) wrong.push(`${me} got ${JSON.stringify(seen)} at ${n}`)
          break
        }
        case 2:
          map.update(n % 10, (seen) => ((seen as number | undefined) ?? 0) + 1)
          break
        case 3:
          if (!map.delete(own(n - 3))) wrong.push(`${me} found nothing to delete at ${n}`)
          break
        case 4:
          list.push({ from: me, n })
          break
        case 5: {
          const seen = list.pop()
          if (seen !== undefined && !(seen.n % 6 === 4)) wrong.push(`${me} popped ${JSON.stringify(seen)}`)
        }
      }
    }
  },
)

export interface Entry {
  readonly from: number
  readonly n: number
}

/** A value by whose content damage shows. */
export interface Sealed extends Entry {
  readonly text: string
}

export function sealed(from: number, n: number): Sealed {
  return { from, n, text: String(n % 10).repeat(n % 50 === 7 ? 3_000 : n % 90) }
}

export function isWhole({ n, text }: Sealed): boolean {
  return text === String(n % 10).repeat(n % 50 === 7 ? 3_000 : n % 90)
}

/** Never ends of itself: sets, replaces, deletes, clears away, so that the table grows and shrinks; counts the rounds. */
export const churn = task(
  import.meta,
  function churn(map: SharedMap<string, Sealed>, list: SharedList<Sealed | number>, from: number, rounds: Value) {
    for (let n = 0; ; n++) {
      const key = `${from}/${n % 40}`
      map.set(key, sealed(from, n))
      map.update('all', (seen) => sealed(from, (seen?.n ?? 0) + 1))
      list.push(sealed(from, n), n)
      if (n % 3 === 0) list.insert(0, sealed(from, n))
      if (n % 40 === 39) for (let k = 0; k < 40; k++) map.delete(`${from}/${k}`)
      while (list.length > 30) {
        list.pop()
        if (n % 2 === 0) list.delete(0)
      }
      rounds.value = n
    }
  },
)

/** Stays in an update for ever. */
export const stayInside = task(
  import.meta,
  function stayInside(collection: SharedMap<number, number> | SharedList<number>, inside: Event) {
    collection.update(0, () => {
      inside.set()
      for (;;);
    })
  },
)

/** Sits inside an update for ever. */
export const sitInside = task(import.meta, function sitInside(map: SharedMap<string, number>, inside: Value) {
  map.update('a', () => {
    map.set('set inside', 1)
    inside.value = 1
    for (;;);
  })
})

/** Fills a map with its own keys. */
export const fill = task(import.meta, function fill(map: SharedMap<string, Entry>, from: number, count: number) {
  for (let n = 0; n < count; n++) map.set(`${from}/${n}`, { from, n })
})
