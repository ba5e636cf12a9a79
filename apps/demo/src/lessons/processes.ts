import { type Queue, task } from '@multiproc/core'
import type { Job } from '../job.js'
import { joinAll } from '../join-all.js'

const hello = task(import.meta, async function hello(name: string, greetings: Pick<Queue<string>, 'put'>) {
  await greetings.put(`hello ${name}`)
})

/** Start two processes and wait for them. What they have to tell comes back through a Queue: they share no variables. */
export const processes: Job = {
  name: 'processes',
  title: 'Two processes',
  about: 'Start two processes and wait for both.',
  unit: 'greetings',
  untimed: true,

  async serially() {
    const heard: string[] = []
    const greetings = { put: async (greeting: string) => void heard.push(greeting) }
    await hello('Ada', greetings)
    await hello('Grace', greetings)
    return { result: heard, items: 2, summary: heard.join(', ') }
  },

  async on(mp) {
    const greetings = new mp.Queue<string>()
    const ada = new mp.Process({ target: hello, args: ['Ada', greetings] }).start()
    const grace = new mp.Process({ target: hello, args: ['Grace', greetings] }).start()
    const pids = [ada.pid, grace.pid]
    await joinAll([ada, grace])
    const heard = [await greetings.get(), await greetings.get()].sort()
    return { result: heard, items: 2, summary: `${heard.join(', ')}, from the processes ${pids.join(' and ')}` }
  },
}
