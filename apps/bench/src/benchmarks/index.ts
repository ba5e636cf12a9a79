import type { Benchmark } from '../benchmark.js'

/** All of them by name, from the smallest thing measured to the largest. Each loads alone: what it measures may be the loading of a library. */
export const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  lock: async () => (await import('./lock.js')).lock,
  'contended-lock': async () => (await import('./contended-lock.js')).contendedLock,
  value: async () => (await import('./value.js')).value,
  'queue-int': queueOf('int'),
  'queue-object': queueOf('object'),
  'queue-1KiB': queueOf('1KiB'),
  'queue-64KiB': queueOf('64KiB'),
  'queue-1MiB': queueOf('1MiB'),
  'ping-pong': async () => (await import('./ping-pong.js')).pingPong,
  'pool-map': async () => (await import('./pool-map.js')).poolMap,
  efficiency: async () => (await import('./efficiency.js')).efficiency,
  'apply-storm': async () => (await import('./apply.js')).applyStorm,
  'apply-round-trip': async () => (await import('./apply.js')).applyRoundTrip,
  'first-result': async () => (await import('./apply.js')).firstResult,
  'bulk-in': async () => (await import('./apply.js')).bulkIn,
  'bulk-out': async () => (await import('./apply.js')).bulkOut,
  'piscina-apply': async () => (await import('./piscina.js')).piscinaApply,
  'piscina-map': async () => (await import('./piscina.js')).piscinaMap,
  'piscina-start': async () => (await import('./piscina.js')).piscinaStart,
  'fork-lock': async () => (await import('./processes.js')).forkLock,
  'fork-contended-lock': async () => (await import('./processes.js')).forkContendedLock,
  'fork-queue-int': async () => (await import('./processes.js')).forkQueueInt,
  'fork-queue-1MiB': async () => (await import('./processes.js')).forkQueueLarge,
  'fork-ping-pong': async () => (await import('./processes.js')).forkPingPong,
  'shared-array': async () => (await import('./shared-array.js')).sharedArray,
  process: async () => (await import('./process.js')).processStart,
}

function queueOf(payload: string): () => Promise<Benchmark> {
  return async () => (await import('./queue.js')).queueOf(payload)
}

/** @throws RangeError for an unknown name */
export function loadBenchmark(name: string): Promise<Benchmark> {
  const load = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined
  if (!load)
    throw new RangeError(`no benchmark is called ${JSON.stringify(name)}; there are ${Object.keys(benchmarks).join(', ')}`)
  return load()
}
