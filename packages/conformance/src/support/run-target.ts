import type { Context, Queue, Target } from '@multiproc/core'

/** What is run elsewhere replies through the queue, so that Process and Pool show the same. */
// biome-ignore lint/suspicious/noExplicitAny: as in Target
export type Replying = Target<[reply: Queue<unknown>, ...any[]]>

/** Runs `target(reply, ...args)` elsewhere; what it replied. Throws what ended it. */
export type Run = (target: Replying, args?: readonly unknown[]) => Promise<unknown>

/** The two ways of running something elsewhere: each hands its `run` to `use`. */
export const runners: Readonly<Record<'Process' | 'Pool', (mp: Context, use: (run: Run) => Promise<void>) => Promise<void>>> = {
  async Process(mp, use) {
    await use(async (target, args = []) => {
      const reply = new mp.Queue<unknown>()
      const one = new mp.Process({ target, args: [reply, ...args] }).start()
      const exitCode = await one.join()
      if (one.error !== undefined) throw one.error
      if (exitCode !== 0) throw new Error(`the process ended with exit code ${exitCode} and no error`)
      return reply.tryGet()
    })
  },
  async Pool(mp, use) {
    await using pool = new mp.Pool(1)
    await use(async (target, args = []) => {
      const reply = new mp.Queue<unknown>()
      await pool.apply(target, [reply, ...args])
      return reply.tryGet()
    })
  },
}
