/**
 * What `promise` gives, or an error after `limit` ms: so that a hang is told by what hangs.
 * @param what continues "… did not happen within n ms"
 */
export async function inTime<T>(promise: Promise<T>, limit: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate(what, limit)), limit)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves once `condition` holds, which others change; looks at it between turns of the event loop. An error after `limit` ms. */
export async function until(condition: () => boolean, limit: number, what: string): Promise<void> {
  const deadline = performance.now() + limit
  while (!condition()) {
    if (performance.now() > deadline) throw tooLate(what, limit)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Gives everything that is ready to run in this agent the chance to do so: to show that something does *not* happen. */
export async function turns(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
}

function tooLate(what: string, limit: number): Error {
  return new Error(`${what} did not happen within ${limit} ms`)
}
