/** What travels as source, tried in the agent that described it; target-resolve.test.ts does the same in a worker thread. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { TargetError } from '../src/errors.js'
import { describeTarget } from '../src/target/describe.js'
import { evaluateInline } from '../src/target/evaluate.js'

type AnyFunction = (...args: never[]) => unknown

function rebuilt(fn: AnyFunction): (...args: unknown[]) => unknown {
  const description = describeTarget(fn, 'target')
  if (description.kind !== 'inline') throw new Error('not inline')
  return evaluateInline(structuredClone(description))
}

/** Evaluated by Node itself and sloppily, as in a CommonJS module that no compiler has touched. */
const raw = (source: string): AnyFunction => new Function(`return (${source}\n)`)()
const fromObject = (source: string): AnyFunction => {
  const object = new Function(`return {${source}}`)()
  return object[Reflect.ownKeys(object)[0] as string]
}

describe('each way to write a function', () => {
  it.each([
    ['(n) => n * 2'],
    ['n => n * 2'],
    ['(n) => ({ n: n * 2 }).n'],
    ['async (n) => n * 2'],
    ['async n => n * 2'],
    ['function (n) { return n * 2 }'],
    ['function double(n) { return n * 2 }'],
    ['async function double(n) { return n * 2 }'],
    ['function /* (why) */ double(n) { return n * 2 } // the end'],
    ['({ n }, [m] = [2], ...rest) => n * m + rest.length', { n: 4 }],
  ])('%s', async (source, argument: unknown = 4) => {
    expect(await rebuilt(raw(source))(argument)).toBe(8)
  })

  it.each([
    ['double(n) { return n * 2 }', 'double'],
    ['async double(n) { return n * 2 }', 'double'],
    ['"a name"(n) { return n * 2 }', 'a name'],
    ['12(n) { return n * 2 }', '12'],
    ['["com" + "puted"](n) { return n * 2 }', 'computed'],
    ['async [`com` + (() => "puted")()](n) { return n * 2 }', 'computed'],
    ['[Symbol.iterator](n) { return n * 2 }', '[Symbol.iterator]'],
    ['async(n) { return n * 2 }', 'async'],
    ['get(n) { return n * 2 }', 'get'],
    ['static(n) { return n * 2 }', 'static'],
    ['function(n) { return n * 2 }', 'function'],
    ['class(n) { return n * 2 }', 'class'],
    ['await(n) { return n * 2 }', 'await'],
    ['__proto__(n) { return n * 2 }', '__proto__'],
    ['double: (n) => n * 2', 'double'],
  ])('method %s', async (source, name) => {
    const fn = rebuilt(fromObject(source))
    expect(await fn(4)).toBe(8)
    expect(fn.name).toBe(name)
  })

  it('static and instance methods of a class', () => {
    class Maths {
      static half(n: number) {
        return n / 2
      }
      square(n: number) {
        return n * n
      }
    }
    expect(rebuilt(Maths.half)(8)).toBe(4)
    expect(rebuilt(new Maths().square)(3)).toBe(9)
  })

  it('recursion through its own name', () => {
    const factorial = rebuilt(function fact(n: number): number {
      return n < 2 ? 1 : n * fact(n - 1)
    })
    expect(factorial(5)).toBe(120)
  })

  it('keeps the name of a variable for stacks', () => {
    const thrower = () => {
      throw new Error('thrown')
    }
    const fn = rebuilt(thrower)
    expect(fn.name).toBe('thrower')
    expect(fn).toThrow('thrown')
    try {
      fn()
    } catch (error) {
      expect((error as Error).stack).toMatch(/at thrower \(inline:thrower:\d+:\d+\)/)
    }
  })
})

it('runs strictly, and sloppily only what is nothing else', () => {
  expect(
    rebuilt(function self(this: unknown) {
      return this
    })(),
  ).toBe(undefined)
  expect(rebuilt(raw('function octal() { return 010 }'))()).toBe(8)
  expect(rebuilt(raw('(a, b, a$ = 1) => { with (a) { return b } }'))({ b: 2 }, 3)).toBe(2)
})

describe('what cannot travel', () => {
  it.each<[string, AnyFunction, RegExp]>([
    ['a generator', function* values() {}, /^Pool\.map target "values" is a generator function/],
    ['an async generator', async function* values() {}, /is a generator function/],
    ['a generator method', { *values() {} }.values, /is a generator function/],
    ['a class', class Klass {} as never, /^Pool\.map target "Klass" is a class/],
    [
      'a bound function',
      function fn() {}.bind(null),
      /^Pool\.map target "bound fn" is a bound function.*pass the function itself/,
    ],
    ['a bound arrow', (() => {}).bind(null), /is a bound function/],
    ['a native function', Math.sqrt, /^Pool\.map target "sqrt" is a native function.*wrap it/],
    ['a native class', Map as never, /is a native function/],
    ['a proxy', new Proxy(() => {}, {}), /is a native function/],
    ['a getter', Object.getOwnPropertyDescriptor(raw('{ get size() { return 1 } }'), 'size')?.get as AnyFunction, /a getter/],
  ])('%s', (_, fn, message) => {
    expect(() => describeTarget(fn, 'Pool.map target')).toThrow(TargetError)
    expect(() => describeTarget(fn, 'Pool.map target')).toThrow(message)
  })

  it("what uses Node's own module functions is told what they use", () => {
    expect(() => describeTarget(readFileSync, 'target')).toThrow(TargetError)
  })
})

describe('a captured variable', () => {
  const limit = 3
  const other = { deep: 1 }

  it('is a TargetError at the call that names it, file and line, and what to do', () => {
    const line = Number(/:(\d+):\d+\)?$/.exec(new Error().stack?.split('\n')[1] ?? '')?.[1])
    const fn = (n: number) => {
      const twice = n * 2
      return twice < limit && other.deep
    }
    expect(() => describeTarget(fn, 'Process target')).toThrow(TargetError)
    expect(() => describeTarget(fn, 'Process target')).toThrow(
      `Process target "fn" uses 'limit' (line ${line + 3}), 'other' (line ${line + 3}) at ${fileURLToPath(import.meta.url)}:${line + 3}. ` +
        'Only its source travels to the worker, so it cannot use anything from around it: ' +
        "pass 'limit' as an argument (a module: await import(…) inside the function); " +
        "pass 'other' as an argument (a module: await import(…) inside the function), or define it with " +
        'task(import.meta, function name(…) { … }) at the top level of its module',
    )
  })

  it('has its line within the function where no file is known', () => {
    const fn = raw('() => {\n  let a = 1\n  return a + missing\n}')
    expect(() => describeTarget(fn, 'target')).toThrow(/'missing' \(line 3\), lines counted within the function/)
  })

  it('is named as the user wrote it where a compiler renamed an import', () => {
    expect(() => describeTarget(() => readFileSync('x'), 'target')).toThrow(
      /uses 'readFileSync' \(compiled to .+\.readFileSync\)/,
    )
    const member = (name: string) => raw(`() => (0, ${name}.format)(${name}.text)`)
    for (const name of ['__vi_import_0__', '__vite_ssr_import_3__', 'import_node_util', 'node_util_1']) {
      expect(() => describeTarget(member(name), 'target')).toThrow(`uses 'format' (compiled to ${name}.format)`)
      expect(() => describeTarget(member(name), 'target')).toThrow(`'text' (compiled to ${name}.text)`)
    }
    expect(() => describeTarget(raw('() => exports.limit'), 'target')).toThrow("'limit' (compiled to exports.limit)")
    expect(() => describeTarget(raw('() => import_fs.default.x'), 'target')).toThrow('uses a default import (compiled to')
  })

  it('is import.meta, also as vitest writes it', () => {
    expect(() => describeTarget(() => import.meta.url, 'target')).toThrow(/'import\.meta' of its surroundings/)
  })

  it("says so where it is an Istanbul counter's", () => {
    const fn = raw('() => { cov_1a2b3c().f[0]++; return 1 }')
    expect(() => describeTarget(fn, 'target')).toThrow(/Istanbul's coverage put into it.*provider: 'v8'/)
  })

  it('is told apart where it is the function itself', () => {
    const fact = (n: number): number => (n < 2 ? 1 : n * fact(n - 1))
    expect(() => describeTarget(fact, 'target')).toThrow(
      /uses 'fact', the variable that holds it \(line \d+\).*to call itself, write function fact\(…\) \{ … \}/,
    )
  })

  it('is reported anew at each call', () => {
    const fn = () => limit
    const messages = [1, 2].map(() => {
      try {
        return describeTarget(fn, 'target')
      } catch (error) {
        return (error as Error).message
      }
    })
    expect(messages[0]).toBe(messages[1])
  })
})

describe('what compilers add', () => {
  it("is at hand: esbuild's names", () => {
    const fn = rebuilt(raw('(n) => { const inner = __name((m) => m + 1, "kept"); return inner.name + inner(n) }'))
    expect(fn(1)).toBe('kept2')
  })

  const raise = (error: Error) => {
    throw error
  }
  const order = (log: string[]) => ({
    [Symbol.dispose]: () => void log.push('sync'),
    [Symbol.asyncDispose]: async () => void log.push('async'),
  })
  const using: Record<string, string> = {
    vitest: '',
    esbuild: `async (x, log, fail) => { var _stack = []; try { const a = __using(_stack, x), b = __using(_stack, x, true);
      log.push('body'); if (fail) throw fail; return 1 } catch (_) { var _error = _, _hasError = true }
      finally { var _promise = __callDispose(_stack, _error, _hasError); _promise && await _promise } }`,
    typescript: `async (x, log, fail) => { const env_1 = { stack: [], error: void 0, hasError: false }; try {
      const a = __addDisposableResource(env_1, x, false), b = __addDisposableResource(env_1, x, true);
      log.push('body'); if (fail) throw fail; return 1 } catch (e_1) { env_1.error = e_1; env_1.hasError = true }
      finally { const result_1 = __disposeResources(env_1); if (result_1) await result_1 } }`,
  }
  it.each(Object.keys(using))("%s's lowered `using`", async (compiler) => {
    const fn = using[compiler]
      ? rebuilt(raw(using[compiler]))
      : rebuilt(async (x: Disposable & AsyncDisposable, log: string[], fail?: Error) => {
          using _a = x
          await using _b = x
          log.push('body')
          if (fail) throw fail
          return 1
        })
    const log: string[] = []
    expect(await fn(order(log), log)).toBe(1)
    expect(log).toEqual(['body', 'async', 'sync'])
    const failure = new Error('from the body')
    await expect(fn(order([]), [], failure)).rejects.toBe(failure)
    const bad = {
      ...order([]),
      [Symbol.dispose]: () => raise(failure),
      [Symbol.asyncDispose]: () => Promise.reject(failure),
    }
    await expect(fn(bad, [], new Error('earlier'))).rejects.toMatchObject({ name: 'SuppressedError', error: failure })
  })

  it("TypeScript's async and rest", async () => {
    const fn = rebuilt(
      raw(`(a) => __awaiter(void 0, void 0, void 0, function* () {
        var { x } = a, rest = __rest(a, ["x"]); try { yield Promise.reject(1) } catch (e) { return [x, rest, e, yield 2] } })`),
    )
    expect(await fn({ x: 1, y: 2 })).toEqual([1, { y: 2 }, 1, 2])
  })
})

describe('descriptions', () => {
  it('are kept per function, and per source for closures made anew', () => {
    const make = () => (n: number) => n + 1
    const fn = make()
    expect(describeTarget(fn, 'a')).toBe(describeTarget(fn, 'b'))
    expect(describeTarget(make(), 'a')).toBe(describeTarget(fn, 'b'))
  })

  it('carry the place only where modules are imported from it', () => {
    expect(describeTarget((n: number) => n, 'target')).not.toHaveProperty('file')
    const line = Number(/:(\d+):\d+\)?$/.exec(new Error().stack?.split('\n')[1] ?? '')?.[1])
    const importing = async () => (await import('node:path')).sep
    expect(describeTarget(importing, 'target')).toMatchObject({
      imports: true,
      file: join(dirname(fileURLToPath(import.meta.url)), 'inline:target-inline.test.ts'),
      line: line + 1,
    })
  })
})

describe('import()', () => {
  it('finds built-in modules, packages and files beside the user’s own', async () => {
    const importing = rebuilt(async (specifier: string, name: string) => typeof (await import(specifier))[name])
    expect(await importing('node:fs', 'readFileSync')).toBe('function')
    expect(await importing('acorn', 'parse')).toBe('function')
    expect(await importing('./fixtures/target/beside.mjs', 'answer')).toBe('number')
    await expect(importing('./missing.mjs', 'x')).rejects.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' })
  })

  it('shows the user’s own file and line in stacks', async () => {
    const fn = async () => {
      await import('node:path')
      throw new Error('here')
    }
    const stack = await (rebuilt(fn)() as Promise<unknown>).then(String, (error: Error) => error.stack as string)
    const [, line] = /at (?:async )?fn \(.*inline:target-inline.test.ts:(\d+):/.exec(stack) ?? []
    const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
    expect(lines[Number(line) - 1]).toContain("throw new Error('here')")
  })

  it('resolves from the working directory where the file is not known', async () => {
    const fn = raw("async () => typeof (await import('acorn')).parse")
    expect(describeTarget(fn, 'target')).toMatchObject({ imports: true, file: expect.stringContaining(process.cwd()) })
    expect(await rebuilt(fn)()).toBe('function')
  })
})
