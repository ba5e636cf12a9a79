import { type Context, getContext, type Lock, type Queue, task } from '@multiproc/core'

/** What a descendant can be in the middle of, without any turn of its event loop in most cases. */
export const OCCUPATIONS = [
  'acquireSync',
  'getSync',
  'joinSync',
  'an endless loop',
  'an idle pool',
  'an async get',
  'Atomics.wait',
] as const
export type Occupation = (typeof OCCUPATIONS)[number]

/** What descendants need: a lock that somebody else holds, a queue to tell their pids, one into which nothing is put, and their backend's name. */
export interface Surroundings {
  readonly backend: string
  readonly lock: Lock
  readonly pids: Queue<number>
  readonly never: Queue
}

/** Tells its pid and stays. */
export const occupy = task(import.meta, async function occupy(occupation: Occupation, around: Surroundings) {
  const mp = await getContext(around.backend)
  around.pids.putSync(process.pid)
  switch (occupation) {
    case 'acquireSync':
      around.lock.acquireSync()
      return
    case 'getSync':
      around.never.getSync()
      return
    case 'joinSync':
      new mp.Process({ target: occupy, args: ['an endless loop', around] }).start().joinSync()
      return
    case 'an endless loop':
      for (;;);
    case 'an idle pool': {
      const pool = new mp.Pool(1)
      around.pids.putSync(await pool.apply(() => process.pid))
      setInterval(() => pool.processes, 1_000_000)
      return
    }
    case 'an async get':
      await around.never.get()
      return
    case 'Atomics.wait':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
})

/** A child with children: starts one in each of these occupations, and stays in an endless loop. */
export const startAll = task(import.meta, async function startAll(occupations: readonly Occupation[], around: Surroundings) {
  startEach(await getContext(around.backend), occupations, around)
  around.pids.putSync(process.pid)
  for (;;);
})

/** How many pids those tell who are started in these occupations: some start somebody themselves. */
export function toldBy(occupations: readonly Occupation[]): number {
  return occupations.length + occupations.filter((one) => one === 'joinSync' || one === 'an idle pool').length
}

type Starter = Pick<Context, 'Process'>

export function startEach(mp: Starter, occupations: readonly Occupation[], around: Surroundings): void {
  for (const occupation of occupations) new mp.Process({ target: occupy, args: [occupation, around] }).start()
}
