import { expect } from 'vitest'
import { percentile, soak } from '../../soak/soak.js'
import type { Suite } from '../../suite.js'

const KILLS = 200
/** ms after which it is enough, on a busy machine. */
const ENOUGH = 15_000

/** The soak test, which runs for as long as asked by `npm run soak`, in small. */
export function soaking(suite: Suite): void {
  suite.test(`up to ${KILLS} kills of processes that share locks, queues and numbers`, async ({ create, within }) => {
    const report = await soak(create, { kills: KILLS, seed: 1, enough: ENOUGH, patience: within(1) })
    expect(report.problems).toEqual([])
    expect(report.kills).toBeGreaterThanOrEqual(20)
    expect(report.recoveries.length).toBeGreaterThan(0)
    // Of so few, the slowest says how busy the machine was; `npm run soak` shows the 99th of a hundred.
    expect(percentile(report.recoveries, 0.5)).toBeLessThan(within(200))
  })
}
