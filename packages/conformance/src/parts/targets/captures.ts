import { type Target, TargetError } from '@multiproc/core'
import { expect } from 'vitest'
import type { Suite } from '../../suite.js'
import { importCore, withModules } from '../../support/temporary-modules.js'
import { thrownAtOnce } from '../../support/thrown.js'
import { square } from '../../workers/pool-tasks.js'

/** What each function uses of its surroundings, and in which line of this module. */
const CAPTURING = `import { join } from 'node:path'
const factor = 3
let counter = 0
const helper = (n) => n
export const constant = (n) => n * factor
export const assigned = () => {
  const here = 1
  counter += here
}
export const called = (n) =>
  helper(
    n)
export const imported = (n) => join('a', n)
export const inDefault = (n, m = factor) => n + m
export const inNested = (n) => {
  return [n].map((m) => {
    return m * factor
  })
}
export const inTemplate = (n) => \`\${n}
  \${factor}\`
export const itself = (n) => (n === 0 ? 0 : itself(n - 1))
export const its = (function () {
  return () => [
    this]
})()
class Holder {
  #secret = 1
  static revealed(it) {
    return it.#secret
  }
}
export const revealed = Holder.revealed
export const meta = () => import.meta.url
`
const EXPECTED: readonly [name: string, variable: string, line: number][] = [
  ['constant', 'factor', 5],
  ['assigned', 'counter', 8],
  ['called', 'helper', 11],
  ['imported', 'join', 13],
  ['inDefault', 'factor', 14],
  ['inNested', 'factor', 17],
  ['inTemplate', 'factor', 21],
  ['itself', 'itself', 22],
  ['its', 'this', 25],
  ['meta', 'import.meta', 34],
]

/** Functions that cannot run elsewhere: a TargetError at the call, which says why. */
export function captures(suite: Suite): void {
  suite.test('a function that captures is refused at the call, with the variable, the line and what to do', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    await withModules({ 'capturing.mjs': CAPTURING }, async (at) => {
      const all = (await import(at('capturing.mjs').href)) as Record<string, (n: number) => unknown>
      for (const [name, variable, line] of EXPECTED) {
        const target = all[name] as (n: number) => unknown
        const calls = [
          () => pool.map(target, [1]),
          () => pool.starmap(target, [[1]]),
          () => pool.apply(target, [1]),
          () => new mp.Process({ target, args: [1] }),
        ]
        if (suite.capabilities.sync)
          calls.push(
            () => pool.applySync(target, [1]) as never,
            () => pool.mapSync(target, [1]) as never,
          )
        for (const call of calls) {
          const error = refusalOf(name, call)
          expect(error, name).toBeInstanceOf(TargetError)
          expect(error.code).toBe('MP_TARGET')
          expect(error.message, name).toContain(`'${variable}'`)
          expect(error.message, name).toMatch(new RegExp(`\\bline ${line}\\b`))
          expect(error.message, name).toContain('task(')
        }
      }
      expect(thrownAtOnce(() => pool.apply(all.revealed as never))).toBeInstanceOf(TargetError)
    })
    expect(await pool.apply(square, [3])).toBe(9)
  })

  suite.test('bound, native, generator functions and classes are refused at the call', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    const cases: [kind: string, target: unknown, said: RegExp][] = [
      ['bound', ((n: number) => n).bind(undefined), /bound/],
      ['bound task', square.bind(undefined), /bound/],
      ['native', Math.sqrt, /native/],
      ['native method', 'text'.toUpperCase, /native/],
      ['generator', function* () {}, /generator/],
      ['async generator', async function* () {}, /generator/],
      ['class', class Some {}, /class/],
      ['native class', Map, /native|class/],
    ]
    for (const [kind, target, said] of cases) {
      for (const call of [
        () => pool.map(target as never, [1]),
        () => pool.apply(target as never),
        () => new mp.Process({ target: target as Target }),
      ]) {
        const error = thrownAtOnce(call) as Error
        expect(error, kind).toBeInstanceOf(TargetError)
        expect(error.message).toMatch(said)
      }
    }
    expect(await pool.map(square, [3])).toEqual([9])
  })

  suite.test('what is no target at all is a TypeError', async ({ mp }) => {
    await using pool = new mp.Pool(1)
    for (const target of [undefined, null, 'square', 5, {}, [], Symbol('s')] as unknown as Target[]) {
      expect(
        thrownAtOnce(() => pool.map(target as never, [1])),
        String(target),
      ).toBeInstanceOf(TypeError)
      expect(
        thrownAtOnce(() => pool.apply(target as never)),
        String(target),
      ).toBeInstanceOf(TypeError)
      expect(
        thrownAtOnce(() => new mp.Process({ target })),
        String(target),
      ).toBeInstanceOf(TypeError)
    }
    expect(thrownAtOnce(() => new (mp.Process as new () => unknown)())).toBeInstanceOf(TypeError)
    expect(thrownAtOnce(() => new mp.Process({} as never))).toBeInstanceOf(TypeError)
  })

  suite.test('a task may use whatever its module has', async ({ mp }) => {
    const text = `${importCore('task')}
      import { join } from 'node:path'
      const factor = 3
      let calls = 0
      const helper = (n) => n * factor
      export const all = task(import.meta, function all(n) { calls++; return [helper(n), join('a', 'b'), calls, typeof import.meta.url] })`
    await withModules({ 'using.mjs': text }, async (at) => {
      await using pool = new mp.Pool(1)
      const { all } = (await import(at('using.mjs').href)) as { all: (n: number) => unknown }
      expect(await pool.map(all, [1, 2])).toEqual([
        [3, 'a/b', 1, 'string'],
        [6, 'a/b', 2, 'string'],
      ])
    })
  })
}

function refusalOf(name: string, call: () => unknown): TargetError {
  try {
    return thrownAtOnce(call) as TargetError
  } catch (error) {
    throw new Error(`${name} was not refused`, { cause: error })
  }
}
