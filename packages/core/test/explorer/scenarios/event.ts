import { SLOT_WORDS, SLOTS_AT } from '../../../src/memory/layout.js'
import type { Actor, Program } from '../actor.js'
import { type Mishaps, type Monitor, OBJECTS_AT, type Scenario } from '../scenario.js'

/** An event, raised and lowered. */
const EVENT = OBJECTS_AT
const UP = 1
/** A bit for each agent that has begun all its async waits. */
const BEGUN = EVENT + 8

const told = (actor: Actor, isReleased: boolean) => actor.note(isReleased ? 'released' : 'timed out')

export const wait: Program = (actor) => told(actor, actor.event(EVENT).waitSync())

/** Waits unless time runs out. */
export const waitInTime: Program = (actor) => {
  const isReleased = actor.event(EVENT).waitSync(actor.timed())
  actor.untimed()
  told(actor, isReleased)
}

/** With the event loop running, several at once, of whom some may leave. */
export function waitAsync(...leaves: readonly ('never' | 'expires' | 'aborts')[]): Program {
  return (actor) => {
    const event = actor.event(EVENT)
    void actor.waiters
    for (const how of leaves) {
      const options = how === 'expires' ? actor.timed() : how === 'aborts' ? { signal: actor.signal() } : undefined
      event.wait(options).then(
        (isReleased) => told(actor, isReleased),
        () => actor.note('gave up'),
      )
    }
    actor.add(BEGUN, actor.agent.bell)
  }
}

export const set: Program = (actor) => {
  actor.note('raises')
  actor.event(EVENT).set()
}

export const clear: Program = (actor) => actor.event(EVENT).clear()

/** Raises it and lowers it at once; tells for whom that was: those who were waiting already. */
export const pulse: Program = (actor) => {
  const { Slot } = actor.subject
  let waiting = actor.load(BEGUN)
  for (let agent = 0; agent < 3; agent++) {
    if (actor.load(SLOTS_AT + agent * SLOT_WORDS + Slot.parkedAt) !== 0) waiting |= 1 << agent
  }
  actor.note('raises')
  actor.event(EVENT).set()
  actor.event(EVENT).clear()
  actor.note('has raised', waiting)
}

/** How often it was raised at most; who was waiting when it was. */
const monitor: Monitor = {
  initial: [0, 0],
  noted(ghost, _agent, event, value) {
    if (event === 'raises') ghost[0] = (ghost[0] as number) + 1
    if (event === 'has raised') ghost[1] = (ghost[1] as number) | value
    return event === 'released' && ghost[0] === 0 ? 'is released, but nobody has raised it' : undefined
  },
}

/** @param state the event's word at first, with the flag down */
export function event(name: string, agents: readonly (readonly Program[])[], mishaps: Mishaps = {}, state = 0): Scenario {
  return {
    name: `event: ${name}`,
    agents,
    mishaps,
    monitor,
    prepare({ words }, label) {
      for (const [n, word] of ['state', 'gate', 'bells'].entries()) label(EVENT + n, word)
      if (state !== 0) words[EVENT] = state
    },
    mayWait: (look, agent) => (look.load(EVENT) & UP) === 0 && ((look.ghost[1] as number) & (1 << agent)) === 0,
  }
}
