import type { Backend } from '@multiproc/core'
import { type PiscinaOptions, piscina } from './piscina.js'
import { type TinypoolOptions, tinypool } from './tinypool.js'

/** What a worker makes its own backend of. */
export type PortableOptions =
  | { readonly engine: 'piscina'; readonly options: PiscinaOptions }
  | { readonly engine: 'tinypool'; readonly options: TinypoolOptions }

/** The backend of a worker: that of the thread which started it. */
export function backendOf(portable: unknown): Backend {
  const { engine, options } = portable as PortableOptions
  return engine === 'piscina' ? piscina(options) : tinypool(options)
}
