/** The callbacks of each signal: any number of waits share one listener, so that none makes Node warn of a leak. */
const abortCallbacks = new WeakMap<AbortSignal, Set<() => void>>()
const listeners = new WeakMap<Set<() => void>, () => void>()

/** Calls back on abort; returns how to stop listening. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = abortCallbacks.get(signal)
  if (!callbacks) {
    const shared = new Set<() => void>()
    callbacks = shared
    abortCallbacks.set(signal, shared)
    const listener = () => {
      for (const one of [...shared]) one()
    }
    listeners.set(shared, listener)
    signal.addEventListener('abort', listener, { once: true })
  }
  const shared = callbacks
  shared.add(callback)
  return () => {
    shared.delete(callback)
    const listener = listeners.get(shared)
    if (shared.size > 0 || !listener) return
    signal.removeEventListener('abort', listener)
    abortCallbacks.delete(signal)
  }
}
