import * as own from '../errors.js'

// biome-ignore lint/suspicious/noExplicitAny: a constructor of whatever arguments; it is never called
export type ErrorClass = new (...args: any[]) => Error

const registered = new Map<string, ErrorClass>()

/**
 * Lets errors of `Class` arrive as instances of `Class`, in agents that registered a class of this name too. The error is rebuilt
 * from its properties; the constructor does not run. Registering another class of the same name replaces the first.
 *
 * @throws TypeError if `Class` is not a named class that extends Error.
 */
export function registerError(Class: ErrorClass): void {
  if (typeof Class !== 'function' || !(Class.prototype instanceof Error)) {
    throw new TypeError(`registerError() needs a class that extends Error, and was given ${describe(Class)}.`)
  }
  if (Class.name === '') throw new TypeError('registerError() needs a class with a name: by its name the other side finds it.')
  registered.set(Class.name, Class)
}

/** The name under which the nearest registered class of `error` travels, or ''. */
export function registeredName(error: object): string {
  for (let link: object | null = Object.getPrototypeOf(error); link !== null; link = Object.getPrototypeOf(link)) {
    const Class: unknown = Object.getOwnPropertyDescriptor(link, 'constructor')?.value
    if (typeof Class === 'function' && registered.get(Class.name) === Class) return Class.name
  }
  return ''
}

export function registeredClass(name: string): ErrorClass | undefined {
  return registered.get(name)
}

function describe(value: unknown): string {
  return typeof value === 'function'
    ? `the function ${value.name || '(anonymous)'}`
    : value === null
      ? 'null'
      : `a ${typeof value}`
}

for (const Class of Object.values(own)) registerError(Class)
