import { type Context, type Pool, type PoolOptions, poolOn } from '@multiproc/core'
import type { Piscina } from 'piscina'
import type { PortableOptions } from './backend-of.js'
import { PiscinaEngine } from './piscina.js'
import { TinypoolEngine, type TinypoolInstance } from './tinypool.js'

export interface FromPiscinaOptions extends Pick<PoolOptions, 'initializer' | 'initargs'> {
  /** Of which context the pool is: with whose objects its tasks can work. Default: the package's own. */
  readonly context?: Context | undefined
}

/** A pool on an engine whose type is known. */
export type PoolOn<E extends object> = Omit<Pool, 'engine'> & { readonly engine: E }

/** One for each instance and kind of context, so that pools on one instance share its workers' places in a family. */
const engines = {
  piscina: new WeakMap<object, PiscinaEngine | TinypoolEngine>(),
  tinypool: new WeakMap<object, PiscinaEngine | TinypoolEngine>(),
}

/**
 * A pool on a Piscina or Tinypool that the application owns: its tasks and the application's run side by side in the same workers. `close()` and `terminate()` end the
 * pool and leave the instance as it is.
 */
export function poolFrom<E extends Piscina | TinypoolInstance>(
  existing: E,
  ownContext: Context,
  { context = ownContext, ...options }: FromPiscinaOptions = {},
): PoolOn<E> {
  const kind = context.backend.name === 'piscina' ? 'piscina' : 'tinypool'
  let engine = engines[kind].get(existing)
  if (!engine) {
    const portable: PortableOptions = { engine: kind, options: {} }
    engine = isTinypool(existing)
      ? new TinypoolEngine(existing, false, portable)
      : new PiscinaEngine(checked(existing), false, portable)
    engines[kind].set(existing, engine)
  }
  return poolOn(context, engine, options) as PoolOn<E>
}

function isTinypool(existing: object): existing is TinypoolInstance {
  return typeof (existing as { recycleWorkers?: unknown } | null)?.recycleWorkers === 'function'
}

function checked(existing: unknown): Piscina {
  const { run, threads } = (existing ?? {}) as Partial<Piscina>
  if (typeof run === 'function' && Array.isArray(threads)) return existing as Piscina
  throw new TypeError(`fromPiscina() takes an instance of Piscina or Tinypool; got ${String(existing)}`)
}
