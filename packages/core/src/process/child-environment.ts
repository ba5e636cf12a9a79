type Variables = Readonly<Record<string, string | undefined>>

/**
 * The environment of a child.
 * @param laid over `base`; `undefined` removes a variable, of which a worker thread would otherwise get that word as its value
 */
export function childEnvironment(base: Variables, laid: Variables | undefined): Record<string, string> {
  const whole = Object.entries({ ...base, ...laid })
  return Object.fromEntries(whole.filter((variable): variable is [string, string] => variable[1] !== undefined))
}
