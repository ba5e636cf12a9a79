/** The operations at which an agent's steps become visible to others. What it does between two of them is its own. */
const OPERATIONS = ['load', 'store', 'add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange', 'notify'] as const

class Died extends Error {}

/**
 * Runs `act` as an agent that dies at a step: right before its first atomic operation (1), right after it (2), before the second (3), and so on. Nothing atomic that it
 * would do from there on happens, and what its `finally` blocks would release stays locked.
 * @returns whether it died; `false` when it was done in fewer steps
 */
export function dieAt(step: number, act: () => void): boolean {
  const table = Atomics as unknown as Record<string, (...args: unknown[]) => unknown>
  const originals = OPERATIONS.map((name) => [name, table[name] as (...args: unknown[]) => unknown] as const)
  let left = step
  const live = () => {
    if (--left <= 0) throw new Died()
  }
  for (const [name, original] of originals) {
    table[name] = (...args) => {
      live()
      const result = original(...args)
      live()
      return result
    }
  }
  try {
    act()
    return false
  } catch (error) {
    if (error instanceof Died) return true
    throw error
  } finally {
    for (const [name, original] of originals) table[name] = original
  }
}

/** Runs `scene` for each step at which the agent in it can die, until it no longer does. The scene starts from scratch, calls {@link dieAt} with its step, and says what that said. */
export function dyingAtEachStep(scene: (step: number) => boolean): void {
  let step = 1
  while (scene(step)) step++
  if (step === 1) throw new Error('nothing atomic was done')
}
