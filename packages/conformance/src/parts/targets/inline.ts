import type { Queue } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { type Replying, runners } from '../../support/run-target.js'

/** Each replies 42 to 21. */
const FUNCTIONS: Readonly<Record<string, Replying>> = {
  'an arrow': (reply: Queue<unknown>, n: number) => reply.putSync(n * 2),
  'an arrow with a body': (reply: Queue<unknown>, n: number) => {
    const twice = (m: number) => m * 2
    reply.putSync(twice(n))
  },
  'an async arrow': async (reply: Queue<unknown>, n: number) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    await reply.put(n * 2)
  },
  'a function': (reply: Queue<unknown>, n: number) => {
    reply.putSync(n * 2)
  },
  'an async function': async (reply: Queue<unknown>, n: number) => {
    await reply.put(n * 2)
  },
  'a named function': function named(reply: Queue<unknown>, n: number) {
    reply.putSync(named.length * n)
  },
  'a named function that calls itself': function twice(reply: Queue<unknown> | undefined, n: number): number {
    const result: number = n === 0 ? 0 : 2 + twice(undefined, n - 1)
    reply?.putSync(result)
    return result
  },
  'a method': {
    method(reply: Queue<unknown>, n: number) {
      reply.putSync(n * 2)
    },
  }.method,
  'an async method': {
    async method(reply: Queue<unknown>, n: number) {
      await reply.put(n * 2)
    },
  }.method,
  'a method whose name is no identifier': {
    'not a name'(reply: Queue<unknown>, n: number) {
      reply.putSync(n * 2)
    },
  }['not a name'],
  'a method of a class': (() => {
    class Holder {
      unused = 1
      static method(reply: Queue<unknown>, n: number) {
        reply.putSync(n * 2)
      }
    }
    return Holder.method
  })(),
  'default values, patterns and rest parameters': (reply: Queue<unknown>, n: number, { two } = { two: 2 }, ...rest: number[]) => {
    reply.putSync(n * two + rest.length)
  },
  'inner functions, classes and labels': (reply: Queue<unknown>, n: number) => {
    class Sum {
      total = 0
      add(m: number) {
        this.total += m
      }
    }
    const sum = new Sum()
    for (const _ of [1, 2, 3]) {
      if (sum.total === n * 2) break
      sum.add(n)
    }
    reply.putSync(sum.total)
  },
}

/** Their source travels: so they run elsewhere as they stand. */
export function inline(suite: Suite): void {
  for (const [by, runner] of Object.entries(runners)) {
    suite.test(`functions of all kinds (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        for (const [kind, target] of Object.entries(FUNCTIONS)) expect(await run(target, [21]), kind).toBe(42)
      }),
    )

    suite.test(`import() of Node's modules and of packages (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        const importing = async (reply: Queue<unknown>) => {
          const { existsSync } = await import('node:fs')
          const { isMainProcess, TargetError } = await import('@multiproc/core')
          reply.putSync([existsSync('/'), isMainProcess, TargetError.name])
        }
        expect(await run(importing)).toEqual([true, false, 'TargetError'])
      }),
    )

    suite.test(`import() relative to the file where the function stands (${by})`, ({ mp }) =>
      runner(mp, async (run) => {
        const importing = async (reply: Queue<unknown>) => {
          const { square } = await import('../../workers/pool-tasks.js')
          reply.putSync(square(6))
        }
        expect(await run(importing)).toBe(36)
      }),
    )
  }

  suite.test('functions made in a loop, of the same source, are the same', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const results = await Promise.all(Array.from({ length: 100 }, (_, k) => pool.apply((n: number) => n * 2, [k])))
    expect(results).toEqual(Array.from({ length: 100 }, (_, k) => k * 2))
  })

  suite.test('a thousand different functions', async ({ mp }) => {
    await using pool = new mp.Pool(2)
    const make = (k: number) => new Function('n', `return n + ${k}`) as (n: number) => number
    const results = await Promise.all(Array.from({ length: 1_000 }, (_, k) => pool.apply(make(k), [k])))
    expect(results).toEqual(Array.from({ length: 1_000 }, (_, k) => k * 2))
  })

  suite.test('a function that is no longer the same is sent anew', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const versions = [(n: number) => n + 1, (n: number) => n + 2]
    for (const [index, version] of [...versions, ...versions].entries()) {
      expect(await pool.apply(version, [1])).toBe(2 + (index % 2))
    }
  })
}
