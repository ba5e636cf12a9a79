import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { TargetError } from '../src/errors.js'
import { describeTarget } from '../src/target/describe.js'
import { task } from '../src/target/task.js'
import { present } from './fixtures/target/tasks.js'

const elsewhere = (name: string) => `file:///tmp/${name}.js`

describe('task', () => {
  it('returns the function itself, callable and typed as it was', () => {
    function twice(n: number): number {
      return n * 2
    }
    const defined: (n: number) => number = task(elsewhere('returns'), twice)
    expect(defined).toBe(twice)
    expect(present(1)).toBe(2)
  })

  it('is described by its module and name', () => {
    const url = new URL('./fixtures/target/tasks.ts', import.meta.url).href
    expect(describeTarget(present, 'target')).toEqual({ kind: 'module', url, name: 'present', task: true })
  })

  it('takes import.meta, an object with a url, a URL, a file: URL and a path', () => {
    const file = fileURLToPath(import.meta.url)
    const wheres = [import.meta, { url: import.meta.url }, new URL(import.meta.url), import.meta.url, file]
    const names = wheres.map((where, i) => {
      const fn = Object.defineProperty(() => {}, 'name', { value: `where${i}` })
      return describeTarget(task(where, fn), 'target')
    })
    for (const [i, description] of names.entries()) {
      expect(description).toEqual({ kind: 'module', url: pathToFileURL(file).href, name: `where${i}`, task: true })
    }
  })

  it('may capture what it likes', () => {
    const limit = 5
    const fn = task(elsewhere('captures'), function capturing(n: number) {
      return n < limit
    })
    expect(describeTarget(fn, 'target')).toMatchObject({ kind: 'module', name: 'capturing' })
  })

  it('refuses a function without a name', () => {
    const nameless = (
      () => () =>
        1
    )()
    expect(() => task(import.meta, nameless)).toThrow(TargetError)
    expect(() => task(import.meta, nameless)).toThrow(/a task needs a name/)
  })

  it('refuses a second task of one name in a module, and keeps the first', () => {
    const make = (k: number) =>
      function same() {
        return k
      }
    const first = task(import.meta, make(1))
    expect(() => task(import.meta, make(2))).toThrow(TargetError)
    expect(() => task(import.meta, make(2))).toThrow(/two tasks are called "same" in file:/)
    expect(() => task(import.meta, first)).toThrow(TargetError)
    expect(describeTarget(first, 'target')).toMatchObject({ name: 'same', task: true })
    task(elsewhere('other-module'), make(3))
  })

  it('lets a module that is evaluated again define its tasks again', () => {
    const evaluate = (k: number) => {
      const meta = { url: elsewhere('again'), filename: '/tmp/again.js' }
      return task(meta, function again() {
        return k
      })
    }
    evaluate(1)
    expect(describeTarget(evaluate(2), 'target')).toMatchObject({ url: elsewhere('again'), name: 'again' })
  })

  it('refuses generators and classes', () => {
    expect(() => task(import.meta, function* generator() {})).toThrow(TargetError)
    expect(() => task(import.meta, async function* generator() {})).toThrow(/"generator" is a generator/)
    expect(() => task(import.meta, class Klass {} as never)).toThrow(/"Klass" is a class/)
  })

  it('says what is wrong with other arguments', () => {
    const fn = () => {}
    expect(() => task(import.meta, 5 as never)).toThrow(new TypeError('task(where, fn): fn must be a function, got 5'))
    expect(() => task('./work.js', fn)).toThrow(TypeError)
    expect(() => task('./work.js', fn)).toThrow(/a file: URL or an absolute path, got ".\/work.js"/)
    expect(() => task({} as never, fn)).toThrow(/pass __filename instead/)
    expect(() => task(undefined as never, fn)).toThrow(TypeError)
    expect(() => task('https://example.org/x.js', fn)).toThrow(TypeError)
  })
})

describe('a module reference', () => {
  it('is described by URL and name, "default" unless given', () => {
    const url = elsewhere('reference')
    const expected = { kind: 'module', url, name: 'default', task: false }
    expect(describeTarget({ module: new URL(url) }, 'target')).toEqual(expected)
    expect(describeTarget({ module: url }, 'target')).toEqual(expected)
    expect(describeTarget({ module: fileURLToPath(url) }, 'target')).toEqual(expected)
    expect(describeTarget({ module: url, name: 'work' }, 'target')).toEqual({ ...expected, name: 'work' })
  })

  it('must be a URL or an absolute path', () => {
    expect(() => describeTarget({ module: './work.js' }, 'Process target')).toThrow(TypeError)
    expect(() => describeTarget({ module: './work.js' }, 'Process target')).toThrow(
      /^Process target: module must be .* got "\.\/work\.js": write new URL\("\.\/work\.js", import\.meta\.url\)$/,
    )
    expect(() => describeTarget({ module: 5 }, 'target')).toThrow(TypeError)
    expect(() => describeTarget({ module: elsewhere('x'), name: 5 }, 'target')).toThrow(TypeError)
    expect(() => describeTarget({ module: elsewhere('x'), name: '' }, 'target')).toThrow(TargetError)
  })
})

it.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [5, '5'],
  ['work', '"work"'],
  [{}, 'an object'],
  [[], 'an array'],
  [Symbol('s'), 'Symbol(s)'],
])('%o is no target at all', (value, shown) => {
  expect(() => describeTarget(value, 'Pool.map target')).toThrow(
    new TypeError(`Pool.map target must be a function, a task or { module, name? }, got ${shown}`),
  )
})
