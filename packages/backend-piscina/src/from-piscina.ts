import { type Context, checkOptions, type Pool, type PoolOptions, poolOn, shown } from '@multiproc/core'
import type { Piscina } from 'piscina'
import type { PortableOptions } from './backend-of.js'
import { GUEST_ENTRY } from './files.js'
import { PiscinaEngine } from './piscina.js'
import { TinypoolEngine, type TinypoolInstance } from './tinypool.js'

export interface FromPiscinaOptions extends Pick<PoolOptions, 'initializer' | 'initargs'> {
  /** Of which context the pool is: with whose objects its tasks can work. Default: the package's own. */
  readonly context?: Context | undefined
}

/** A pool on an engine whose type is known. */
export type PoolOn<E extends object> = Pool<E>

type Engines = WeakMap<object, PiscinaEngine | TinypoolEngine>

/**
 * One engine for each instance and kind of context, so that pools on one instance share its workers' places in a family. The two entries of this package are
 * bundles of their own, and have one store; other copies of it have theirs.
 */
const STORE = Symbol.for(`multiproc.engines of ${GUEST_ENTRY}`)

function enginesOf(kind: 'piscina' | 'tinypool'): Engines {
  const globals = globalThis as { [STORE]?: Record<'piscina' | 'tinypool', Engines> }
  globals[STORE] ??= { piscina: new WeakMap(), tinypool: new WeakMap() }
  return globals[STORE][kind]
}

/** Options of a Pool that are the instance's own affair. */
const OF_THE_INSTANCE = ['processes', 'concurrency', 'maxTasksPerChild'] as const

/**
 * A pool on a Piscina or Tinypool that the application owns: its tasks and the application's run side by side in the same workers. `close()` and `terminate()` end the
 * pool and leave the instance as it is.
 * @throws TypeError for what is no such instance, for bad options and for those of `new Pool()` that only the instance has a say in; NotSupportedError for an instance on child
 * processes and for a context whose memory threads cannot share
 */
export function poolFrom<E extends Piscina | TinypoolInstance>(
  existing: E,
  ownContext: Context,
  options?: FromPiscinaOptions,
): PoolOn<E> {
  const { context = ownContext, initializer, initargs } = checkOptions(options, 'the options of fromPiscina()') ?? {}
  for (const name of OF_THE_INSTANCE) {
    if ((options as PoolOptions | undefined)?.[name] === undefined) continue
    throw new TypeError(`fromPiscina() takes no ${name}: the workers are the instance's own, and so are its options for them`)
  }
  return poolOn(context, () => engineOn(existing, context), { initializer, initargs }) as PoolOn<E>
}

function engineOn(existing: Piscina | TinypoolInstance, { backend }: Context): PiscinaEngine | TinypoolEngine {
  // Of other backends of threads: Piscina's can always be loaded.
  const kind = backend.name === 'piscina/tinypool' ? 'tinypool' : 'piscina'
  const engines = enginesOf(kind)
  let engine = engines.get(existing)
  if (!engine) {
    const portable: PortableOptions = { engine: kind, options: {} }
    engine = isTinypool(existing)
      ? new TinypoolEngine(existing, false, portable)
      : new PiscinaEngine(checked(existing), false, portable)
    engines.set(existing, engine)
  }
  return engine
}

function isTinypool(existing: object): existing is TinypoolInstance {
  return typeof (existing as { recycleWorkers?: unknown } | null)?.recycleWorkers === 'function'
}

function checked(existing: unknown): Piscina {
  const { run, destroy, threads, options, queueSize } = Object(existing) as Partial<Piscina>
  const methods = [run, destroy].every((method) => typeof method === 'function')
  if (methods && Array.isArray(threads) && typeof options === 'object' && typeof queueSize === 'number')
    return existing as Piscina
  throw new TypeError(`fromPiscina() takes an instance of Piscina or Tinypool; got ${shown(existing)}`)
}
