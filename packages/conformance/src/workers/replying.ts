import { isMainProcess, type Queue, task } from '@multiproc/core'

export const replyTwice = task(import.meta, function replyTwice(reply: Queue<unknown>, n: number): void {
  reply.putSync(n * 2)
})

export const replyLater = task(import.meta, async function replyLater(reply: Queue<unknown>, n: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await reply.put(n * 2)
})

/** No export: found by its name alone. */
const replyHidden = task(import.meta, function replyHidden(reply: Queue<unknown>, n: number) {
  reply.putSync(n * 3)
})
export const hidden = { replyHidden }

export const replyWhetherMain = task(import.meta, function replyWhetherMain(reply: Queue<unknown>) {
  reply.putSync(isMainProcess)
})

/** No task: found by module and name. */
export function replyPlainly(reply: Queue<unknown>, n: number): void {
  reply.putSync(n + 1)
}

export default function replyByDefault(reply: Queue<unknown>, n: number): void {
  reply.putSync(n + 2)
}

export const nothingToCall = { n: 1 }
