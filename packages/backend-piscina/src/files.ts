import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** What the engines load in their workers. */
export const POOL_ENTRY = fileURLToPath(new URL('./pool-entry.cjs', import.meta.url))
export const GUEST_ENTRY = fileURLToPath(new URL('./guest-entry.cjs', import.meta.url))
export const PROCESS_ENTRY = fileURLToPath(new URL('./process-entry.cjs', import.meta.url))

/** Loads an engine when it is needed: workers hardly ever need one. */
export const load: (name: string) => unknown = createRequire(import.meta.url)
