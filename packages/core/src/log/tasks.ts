import type { Agent } from '../agent.js'
import { isThenable } from '../thenable.js'
import { channels, logAgent } from './channels.js'

type Target = (...args: unknown[]) => unknown

/** Counts this worker's tasks that were told of. */
let tasks = 0

/** `fn`, or, where anyone wants to know, one that tells when it starts and ends. To be asked for each job: subscribers come and go. */
export function logged(agent: Agent, fn: Target): Target {
  const { taskStart, taskEnd } = channels
  if (!taskStart.hasSubscribers && !taskEnd.hasSubscribers) return fn
  const target = fn.name || '(anonymous)'
  return (...args) => {
    const about = { agent: logAgent(agent), target, id: ++tasks }
    if (taskStart.hasSubscribers) taskStart.publish(about)
    const start = performance.now()
    const end = (failed: boolean, error: unknown) => {
      if (taskEnd.hasSubscribers) taskEnd.publish({ ...about, duration: performance.now() - start, failed, error })
    }
    let value: unknown
    try {
      value = fn(...args)
      if (!isThenable(value)) {
        end(false, undefined)
        return value
      }
    } catch (error) {
      end(true, error)
      throw error
    }
    return ended(value, end)
  }
}

async function ended(value: PromiseLike<unknown>, end: (failed: boolean, error: unknown) => void): Promise<unknown> {
  let result: unknown
  try {
    result = await value
  } catch (error) {
    end(true, error)
    throw error
  }
  end(false, undefined)
  return result
}
