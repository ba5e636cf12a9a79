/**
 * What a call throws, at once or by rejecting. Where the contract does not say which of the two, tests use this.
 * @throws Error where it does neither
 */
export async function thrown(call: () => unknown): Promise<unknown> {
  let result: unknown
  try {
    result = await call()
  } catch (error) {
    return error
  }
  throw new Error(`nothing was thrown; the result was ${String(result)}`)
}

/**
 * What a call throws at once.
 * @throws Error where it does not; a promise that it returned instead is left handled
 */
export function thrownAtOnce(call: () => unknown): unknown {
  let result: unknown
  try {
    result = call()
  } catch (error) {
    return error
  }
  if (result instanceof Promise) result.catch(() => {})
  throw new Error(`nothing was thrown at the call; the result was ${String(result)}`)
}
