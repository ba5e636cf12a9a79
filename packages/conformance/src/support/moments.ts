import { setTimeout as passes } from 'node:timers/promises'

/** Lets a random time pass, evenly spread over 0 … `most` ms and finer than a timer can tell: to do something in the middle of anything. */
export async function randomMoment(random: () => number, most: number): Promise<void> {
  const ms = random() * most
  if (ms >= 2) await passes(Math.floor(ms) - 1)
  const end = performance.now() + (ms % 1)
  while (performance.now() < end);
}
