/**
 * What TypeScript compilers call in the code they write, and expect beside it: an inline function travels without its
 * module, so these are at hand where it is evaluated.
 *
 * Only what they need for Node 20 and later: names kept (esbuild, tsx) and `using` (esbuild, TypeScript, oxc), with
 * TypeScript's `async` and rest properties for older targets. Semantics: each compiler's own helper, and ECMA-262's
 * DisposeResources.
 */

type Stack = unknown[]
interface Resource {
  readonly value: unknown
  readonly dispose: (() => unknown) | undefined
  readonly async: boolean
}

export const HELPERS = {
  /** esbuild: keep a function's name. */
  __name: (fn: object, value: string) => Object.defineProperty(fn, 'name', { value, configurable: true }),

  /** esbuild: `using`. */
  __using(stack: Stack, value: unknown, isAsync?: boolean): unknown {
    addResource(stack, value, isAsync === true)
    return value
  },
  __callDispose: (stack: Stack, error: unknown, hasError: boolean | undefined) => disposeAll(stack, error, hasError === true),

  /** TypeScript: `using`. */
  __addDisposableResource(env: { stack: Stack }, value: unknown, isAsync: boolean): unknown {
    addResource(env.stack, value, isAsync)
    return value
  },
  __disposeResources: (env: { stack: Stack; error: unknown; hasError: boolean }) =>
    disposeAll(env.stack, env.error, env.hasError),

  /** oxc: `using`; see {@link OXC_USING}. */
  __usingCtx() {
    const stack: Stack = []
    let thrown: { readonly error: unknown } | undefined
    return {
      set e(error: unknown) {
        thrown = { error }
      },
      u: (value: unknown) => HELPERS.__using(stack, value),
      a: (value: unknown) => HELPERS.__using(stack, value, true),
      d: () => disposeAll(stack, thrown?.error, thrown !== undefined),
    }
  },

  /** TypeScript below ES2017: `async`. */
  __awaiter(self: unknown, args: unknown, _promise: unknown, generator: (...args: unknown[]) => Generator<unknown, unknown>) {
    return new Promise((resolve, reject) => {
      const steps = generator.apply(self, (args as unknown[]) ?? [])
      const step = (next: () => IteratorResult<unknown, unknown>): void => {
        try {
          const { done, value } = next()
          if (done) resolve(value)
          else
            Promise.resolve(value).then(
              (result) => step(() => steps.next(result)),
              (error) => step(() => steps.throw(error)),
            )
        } catch (error) {
          reject(error)
        }
      }
      step(() => steps.next())
    })
  },

  /** TypeScript below ES2018: `{ a, ...rest } = object`. */
  __rest(object: object, excluded: (string | symbol)[]): object {
    const rest = { ...object } as Record<string | symbol, unknown>
    for (const key of excluded) delete rest[key]
    return rest
  },
}

/** vitest writes this for `import`, as a function: evaluated with whatever `import` means in the user's file. */
export const VITE_IMPORT = '__vite_ssr_dynamic_import__'

/**
 * oxc imports its helper, and vite turns the import into a property of a numbered namespace, whose number only its module
 * knows. The variable that oxc gives the helper's result to identifies it.
 */
export const OXC_USING = /\bvar _usingCtx\d* = (?:\(0, ?)?(__vi_import_\d+__|__vite_ssr_import_\d+__)\.default\)?\(\)/

function addResource(stack: Stack, value: unknown, async: boolean): void {
  if (value === null || value === undefined) {
    // `await using x = null` still waits once when it is disposed.
    if (async) stack.push({ value, dispose: undefined, async } satisfies Resource)
    return
  }
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError('using: an object or null is wanted')
  const methods = value as Record<symbol, unknown>
  const own = async ? methods[Symbol.asyncDispose] : undefined
  const dispose = own ?? methods[Symbol.dispose]
  if (typeof dispose !== 'function')
    throw new TypeError(`using: the object has no [Symbol.${async ? 'asyncDispose' : 'dispose'}]()`)
  const call = dispose as () => unknown
  // Only what asyncDispose gives is awaited.
  stack.push({ value, dispose: own ? call : () => void call.call(value), async } satisfies Resource)
}

/** Disposes last in, first out. A promise where anything is to be awaited, else undefined; throws or rejects with what failed. */
function disposeAll(stack: Stack, error: unknown, hasError: boolean): Promise<void> | undefined {
  let failure = hasError ? { error } : undefined
  const fail = (later: unknown): void => {
    failure = { error: failure ? suppressed(later, failure.error) : later }
  }
  const next = (): Promise<void> | undefined => {
    for (let resource = stack.pop() as Resource | undefined; resource; resource = stack.pop() as Resource | undefined) {
      try {
        const result = resource.dispose?.call(resource.value)
        if (resource.async) return Promise.resolve(result).then(undefined, fail).then(next)
      } catch (later) {
        fail(later)
        if (resource.async) return Promise.resolve().then(next)
      }
    }
    if (failure) throw failure.error
    return undefined
  }
  return next()
}

function suppressed(error: unknown, earlier: unknown): Error {
  const message = 'An error was suppressed during disposal'
  const both = Object.assign(new Error(message), { error, suppressed: earlier })
  Object.defineProperty(both, 'name', { value: 'SuppressedError', configurable: true, writable: true })
  return both
}
