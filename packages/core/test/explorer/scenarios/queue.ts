import type { Queue } from '../../../src/queue/queue.js'
import type { Actor, Message, Program } from '../actor.js'
import { type Look, type Mishaps, OBJECTS_AT, type Scenario } from '../scenario.js'
import { type Event, fifo } from './fifo.js'

/** A queue; items are numbers from 0. Large ones fill a segment each, so that every put and every take crosses from one segment into the next. */
const QUEUE = OBJECTS_AT
const LARGE_BYTES = 440

const queueOf = (actor: Actor): Queue<number | Message> => actor.queue(QUEUE)
const itemOf = (got: number | Message): number => got as number

export type How = 'sync' | 'try' | 'in time' | 'async' | 'expires' | 'aborts'

/** Puts an item. */
export function put(number: number, how: How = 'sync', large = false): Program {
  return (actor) => {
    const queue = queueOf(actor)
    const item = large ? { value: number, bytes: LARGE_BYTES } : number
    const tell = (event: Event) => actor.note(event, number)
    tell('puts')
    if (how === 'try') tell(queue.tryPut(item) ? 'put' : 'found it full')
    else if (how === 'sync' || how === 'in time') {
      try {
        queue.putSync(item, how === 'in time' ? actor.timed() : undefined)
        tell('put')
      } catch (error) {
        tell(refusal(actor, error, how))
      }
    } else {
      void actor.waiters
      queue.put(item, optionsFor(actor, how)).then(
        () => tell('put'),
        (error) => tell(refusal(actor, error, how)),
      )
    }
  }
}

/** Takes an item. */
export function get(how: How = 'sync'): Program {
  return (actor) => {
    const queue = queueOf(actor)
    actor.note('gets')
    const tell = (item: number | Message | undefined) => {
      if (item === undefined) actor.note('found it empty')
      else actor.note('got', itemOf(item))
    }
    if (how === 'try') tell(queue.tryGet())
    else if (how === 'sync' || how === 'in time') {
      try {
        tell(queue.getSync(how === 'in time' ? actor.timed() : undefined))
      } catch (error) {
        actor.note(refusal(actor, error, how))
      }
    } else {
      void actor.waiters
      queue.get(optionsFor(actor, how)).then(tell, (error) => actor.note(refusal(actor, error, how)))
    }
  }
}

/** Lets nothing more in. */
export const shutdown: Program = (actor) => {
  queueOf(actor).shutdown()
  actor.note('shut')
}

function optionsFor(actor: Actor, how: How) {
  return how === 'expires' ? actor.timed() : how === 'aborts' ? { signal: actor.signal() } : undefined
}

function refusal({ subject }: Actor, error: unknown, how: How): Event {
  // Without a timeout there is no giving up.
  const mayTimeOut = how === 'in time' || how === 'expires'
  if (mayTimeOut && error instanceof subject.QueueEmptyError) return 'found it empty'
  if (mayTimeOut && error instanceof subject.QueueFullError) return 'found it full'
  if (error instanceof subject.ClosedError) return 'found it shut'
  if (error === 'aborted') return 'gave up'
  throw error
}

interface Start {
  /** Items that it holds at most; 0: no limit. */
  readonly maxsize?: number
  /** How many items have gone through it before. */
  readonly count?: number
  /** Items that are in it, numbered from 0. */
  readonly present?: number
}

/** @param items how many different ones the agents put */
export function queue(
  name: string,
  items: number,
  agents: readonly (readonly Program[])[],
  mishaps: Mishaps = {},
  { maxsize = 0, count = 0, present = 0 }: Start = {},
): Scenario {
  const isShut = (look: Look) => look.attempt((actor) => void queueOf(actor).tryGet()).refused !== undefined
  const { monitor, rest } = fifo(items, agents.length, maxsize, present)
  return {
    name: `queue: ${name}`,
    agents,
    mishaps,
    monitor,
    prepare(actor, label) {
      for (let n = 0; n < actor.subject.RING_BYTES / 4; n++) label(QUEUE + n, `ring[${n}]`)
      if (count !== 0) begin(actor, count)
      actor.subject.Ring.format(actor.block(QUEUE), maxsize)
      for (let item = 0; item < present; item++) queueOf(actor).putSync(item)
    },
    mayWait(look, agent) {
      // Inside, it only ever waits for what others hold for a few instructions.
      if (look.ticks(agent) || isShut(look)) return false
      const { size } = sizeOf(look)
      return rest.isGetting(look.ghost, agent) ? size === 0 : maxsize !== 0 && size >= maxsize
    },
    atRest(look) {
      const left: number[] = []
      const { refused, blocks } = look.attempt((actor) => {
        const queue = queueOf(actor)
        for (let item = takeLeft(actor, queue); item !== undefined; item = takeLeft(actor, queue)) left.push(itemOf(item))
      })
      if (refused !== undefined) return `what is left cannot be taken: ${refused}`
      if (!look.anyDied && blocks > 1) return `${blocks} segments are in use for an empty queue`
      return rest.whatIsWrong(look, left)
    },
  }
}

function takeLeft({ subject }: Actor, queue: Queue<number | Message>): number | Message | undefined {
  try {
    return queue.tryGet()
  } catch (error) {
    if (error instanceof subject.ClosedError) return undefined
    throw error
  }
}

function sizeOf(look: Look): { size: number } {
  let size = 0
  look.attempt((actor) => {
    size = queueOf(actor).size
  })
  return { size }
}

/** Makes the counters begin at `count`, an even number, as if so many items had gone through. */
function begin(actor: Actor, count: number): void {
  const { words, subject } = actor
  const queue = queueOf(actor)
  const end = QUEUE + subject.RING_BYTES / 4
  const snapshot = () => Array.from({ length: end - QUEUE }, (_, n) => words[QUEUE + n] as number)
  /** The word that counts what is done twice. */
  const counterOf = (once: () => void): number => {
    const before = snapshot()
    once()
    const between = snapshot()
    once()
    const after = snapshot()
    const found = before.findIndex((word, n) => word === 0 && between[n] === 1 && after[n] === 2)
    if (found < 0) throw new Error('the ring has no counter any more where the explorer looks for one')
    return QUEUE + found
  }
  const puts = counterOf(() => queue.putSync(0))
  const gets = counterOf(() => queue.tryGet())
  words[puts] = count
  words[gets] = count
}
