/**
 * The options of an engine that can be sent to a worker, for the engines made there. What cannot (a function, `SHARE_ENV`) stays here. Of `workerData` Node says itself what is wrong,
 * where it starts the first worker.
 */
export function portable<O extends object>(options: O): O {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => name === 'workerData' || travels(value))) as O
}

function travels(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
