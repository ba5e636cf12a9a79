import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { LogMessages } from '@multiproc/core'

/** What is published in this agent on one channel while `run` runs. */
export async function messagesDuring<N extends keyof LogMessages>(
  name: N,
  run: (messages: readonly LogMessages[N][]) => Promise<void>,
): Promise<readonly LogMessages[N][]> {
  const messages: LogMessages[N][] = []
  const listen = (message: unknown) => void messages.push(message as LogMessages[N])
  subscribe(name, listen)
  try {
    await run(messages)
  } finally {
    unsubscribe(name, listen)
  }
  return messages
}
