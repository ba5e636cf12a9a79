import type { Context } from '@multiproc/core'
import { entry } from '../workers/entry.js'
import { reference } from './multiproc.js'
import type { WorkName } from './peer.js'

/** A pool of one function, opened as somebody would who needs no other: what a call costs is then the engine's own. */
export interface Caller {
  call(argument: unknown): Promise<unknown>
  close(): Promise<unknown>
}

/** Loads the library and opens a pool. */
export type Engine = (name: WorkName, workers: number) => Promise<Caller>

/** Piscina itself. */
export function barePiscina(options: { readonly atomics?: 'async' } = {}): Engine {
  return async (name, workers) => {
    const { Piscina } = await import('piscina')
    const pool = new Piscina({ ...options, filename: entry('work'), name, minThreads: workers, maxThreads: workers })
    return { call: (argument) => pool.run(argument), close: () => pool.destroy() }
  }
}

/** Tinypool itself. */
export function bareTinypool(options: { readonly useAtomics?: false } = {}): Engine {
  return async (name, workers) => {
    const { Tinypool } = await import('tinypool')
    const pool = new Tinypool({ ...options, filename: entry('work'), name, minThreads: workers, maxThreads: workers })
    return { call: (argument) => pool.run(argument), close: () => pool.destroy() }
  }
}

/** multiproc on one of them. */
export type Load = () => Promise<Pick<Context, 'Pool'>>

/** A pool of it. */
export function oursOn(load: Load): Engine {
  return async (name, workers) => {
    const { Pool } = await load()
    const pool = new Pool(workers)
    return { call: (argument) => pool.apply(reference(name), [argument]), close: () => pool.terminate() }
  }
}

/** As it comes. */
export const onPiscina: Load = () => import('@multiproc/backend-piscina')
export const onTinypool: Load = () => import('@multiproc/backend-piscina/tinypool')
/** With Piscina's own default, in which a worker sleeps between tasks. */
export const onSleepingPiscina: Load = async () => {
  const { createContext, piscina } = await import('@multiproc/backend-piscina')
  return createContext(piscina({ atomics: 'sync' }))
}
