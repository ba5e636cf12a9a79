/** The name of the method that `util.inspect`, and so `console.log`, asks. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never

/** What `util.inspect` gives to that method. */
export type InspectArguments = [depth: number, options: object, inspect: (value: unknown, options?: object) => string]

/**
 * What is to be seen of an object whose state is private.
 * @param state its properties, looked up as it is printed; where that throws, it is closed
 */
export function inspected(name: string, state: () => object, [depth, options, inspect]: InspectArguments): string {
  if (depth < 0) return `[${name}]`
  try {
    return `${name} ${inspect(state(), options)}`
  } catch {
    return `${name} (closed)`
  }
}
