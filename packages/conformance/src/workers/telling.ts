import { getContext, isMainProcess, type MultiprocError, type ProcessInfo, type Queue, task } from '@multiproc/core'

/** Tells these environment variables, as far as they are set; and any that begins with MP_OF_. */
export const tellEnv = task(import.meta, function tellEnv(told: Queue<Record<string, string | undefined>>, names: string[]) {
  const wanted = Object.entries(process.env).filter(([name]) => names.includes(name) || name.startsWith('MP_OF_'))
  told.putSync(Object.fromEntries(wanted))
})

/** Sets one and has a child tell. */
export const tellEnvOfChild = task(
  import.meta,
  async function tellEnvOfChild(backend: string, told: Queue<Record<string, string | undefined>>, names: string[]) {
    const mp = await getContext(backend)
    process.env.MP_OF_CHILD = 'set by the child'
    await new mp.Process({ target: tellEnv, args: [told, names] }).start().join()
  },
)

/** What an agent knows of itself and its kin. */
export interface Kin {
  readonly isMainProcess: boolean
  readonly self: Told
  readonly parent: Told | null
  readonly children: readonly Told[]
}
interface Told {
  readonly name: string
  readonly pid: number | null
  readonly daemon: boolean
  readonly alive: boolean
}

const tell = (info: ProcessInfo): Told => ({ name: info.name, pid: info.pid, daemon: info.daemon, alive: info.isAlive() })

export const tellKin = task(import.meta, async function tellKin(backend: string, told: Queue<Kin>) {
  const mp = await getContext(backend)
  const parent = mp.parentProcess()
  await told.put({
    isMainProcess: isMainProcess || mp.isMainProcess,
    self: tell(mp.currentProcess()),
    parent: parent && tell(parent),
    children: mp.activeChildren().map(tell),
  })
})

/** Tells of itself, then starts one below it, `depth` deep. Ends with the number of generations below it as its exit code. */
export const tellKinBelow = task(import.meta, async function tellKinBelow(backend: string, told: Queue<Kin>, depth: number) {
  const mp = await getContext(backend)
  await tellKin(backend, told)
  if (depth === 0) return
  const child = new mp.Process({ target: tellKinBelow, args: [backend, told, depth - 1] }).start()
  process.exitCode = (await child.join()) + 1
})

/** Starts a process and a pool and tells the codes of the errors that come of it. */
export const tellWhatStartGives = task(import.meta, async function tellWhatStartGives(backend: string, told: Queue<string[]>) {
  const mp = await getContext(backend)
  const codes: string[] = []
  for (const start of [() => void new mp.Process({ target: () => {} }).start(), () => void new mp.Pool(1)]) {
    try {
      start()
      codes.push('started')
    } catch (error) {
      codes.push((error as MultiprocError).code)
    }
  }
  await told.put(codes)
})

/** Squares by a pool of its own. */
export const squareByPool = task(
  import.meta,
  async function squareByPool(backend: string, told: Queue<number[]>, items: number[]) {
    const mp = await getContext(backend)
    await using pool = new mp.Pool(2)
    await told.put(await pool.map((n: number) => n * n, items))
  },
)
