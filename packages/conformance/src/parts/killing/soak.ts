import { expect } from 'vitest'
import { percentile, soak } from '../../soak/soak.js'
import type { Suite } from '../../suite.js'

const KILLS = 200

/** The soak test, which runs for as long as asked by `npm run soak`, in small. */
export function soaking(suite: Suite): void {
  suite.test(`${KILLS} kills of processes that share locks, queues and numbers`, async ({ create, within }) => {
    const report = await soak(create, { kills: KILLS, seed: 1, patience: within(1) })
    expect(report.problems).toEqual([])
    expect(report.kills).toBe(KILLS)
    expect(report.recoveries.length).toBeGreaterThan(3)
    expect(percentile(report.recoveries, 0.99)).toBeLessThan(within(200))
  })
}
