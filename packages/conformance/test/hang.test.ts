import { availableParallelism, loadavg } from 'node:os'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { inTime, Limit, until } from '../src/support/hang.js'

vi.mock(import('node:os'), async (original) => ({ ...(await original()), availableParallelism: vi.fn(), loadavg: vi.fn() }))

/** What wants to run, per processor. */
function busy(load: number): void {
  vi.mocked(availableParallelism).mockReturnValue(4)
  vi.mocked(loadavg).mockReturnValue([4 * load, 0, 0])
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a limit', () => {
  test.for([
    ['is what it says where nothing else runs', 0.1, 1_000],
    ['is what it says where there is a processor for everybody', 1, 1_000],
    ['grows with those who wait for a processor', 6.5, 6_500],
    ['has an end', 1_000, 10_000],
  ] as const)('%s', ([, load, over]) => {
    busy(load)
    const limit = new Limit(1_000)
    vi.advanceTimersByTime(over)
    expect(limit.isOver).toBe(false)
    vi.advanceTimersByTime(1)
    expect(limit.isOver).toBe(true)
    expect(Limit.most(1_000)).toBeGreaterThanOrEqual(over)
    expect(`${limit}`).toBe(`${over + 1} ms`)
  })

  test('goes by how busy the machine is when it would be over', async () => {
    busy(1)
    const [never, told] = [new Promise(() => {}), vi.fn()]
    for (const one of [inTime(never, 1_000, 'the end'), until(() => false, 1_000, 'the end')]) one.catch(told)
    await vi.advanceTimersByTimeAsync(900)
    busy(3)
    await vi.advanceTimersByTimeAsync(2_090)
    expect(told).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(20)
    expect(told.mock.calls.map(([error]) => String(error).replace(/\d+ ms/, 'n ms'))).toEqual(
      Array(2).fill('Error: the end did not happen within n ms'),
    )
  })

  test('leaves no timer where what it is for has happened', async () => {
    busy(1)
    expect(await inTime(Promise.resolve(1), 1_000, 'the end')).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
