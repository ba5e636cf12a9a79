import type { Edit } from './compile.js'

/** A fault put into the production source, the scenario that shows it, and what it shows. */
export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Name of a scenario of the catalog, which production passes. */
  readonly scenario: string
  /** What the violation says. */
  readonly finds: RegExp
}

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace })
const waitlist = (find: string, replace: string): Edit => edit('sync/waitlist.ts', find, replace)
const bell = (find: string, replace: string): Edit => edit('sync/bell.ts', find, replace)
const mutex = (find: string, replace: string): Edit => edit('sync/mutex.ts', find, replace)
const permits = (find: string, replace: string): Edit => edit('sync/permits.ts', find, replace)
const event = (find: string, replace: string): Edit => edit('sync/event.ts', find, replace)
const ring = (find: string, replace: string): Edit => edit('queue/ring.ts', find, replace)

const FOR_EVER = /waits for ever/
/** A lock that nobody has and nobody can take. */
const STRANDED = /not free|one more could not acquire|waits for ever/

export const WAITLIST_MUTANTS: readonly Mutant[] = [
  {
    name: 'clears the armed flag, then notifies',
    edits: [waitlist('gate, (gate + 2) | 0) !== gate) continue', 'gate, gate & ~ARMED) !== gate) continue')],
    scenario: 'waitlist: take | take | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'notifies without moving the gate first',
    edits: [
      waitlist('    if (Atomics.compareExchange(words, at + GATE, gate, (gate + 2) | 0) !== gate) continue\n', ''),
      waitlist(
        '(Atomics.compareExchange(words, at + GATE, (gate + 2) | 0, (gate + 3) | 0) === ((gate + 2) | 0))',
        '(Atomics.compareExchange(words, at + GATE, gate, (gate + 1) | 0) === gate)',
      ),
    ],
    scenario: 'waitlist: take | take | give to all',
    finds: FOR_EVER,
  },
  {
    name: 'does not notify again after it has disarmed the gate',
    edits: [waitlist('return port.notify(words, at + GATE, ALL)', 'return 0')],
    scenario: 'waitlist: take | take | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'a thread enlists without arming the gate',
    edits: [
      waitlist('if (Atomics.compareExchange(words, at + GATE, gate, gate | ARMED) === gate) return gate | ARMED', 'return gate'),
    ],
    scenario: 'waitlist: take ×2 | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'wakes one where all may go on',
    edits: [
      waitlist('    const woken = port.notify(words, at + GATE, count)', '    const woken = port.notify(words, at + GATE, 1)'),
    ],
    scenario: 'waitlist: take | take | give to all',
    finds: FOR_EVER,
  },
  {
    name: 'every early wake-up starts the timeout anew',
    edits: [
      edit('sync/suspend.ts', 'let parked = false', 'let parked = false\n  const whole = deadline - port.now()'),
      edit('sync/suspend.ts', 'const left = deadline - port.now()', 'const left = whole'),
    ],
    scenario: 'waitlist: take | take in time | give',
    finds: /sleeps for 1000 ms, with 999 ms left/,
  },
  {
    name: 'nobody passes on the wake-up that a dead one took',
    edits: [
      edit('process/family.ts', 'for (const word of [Slot.parkedAt, Slot.wakingAt]) {', 'for (const word of [Slot.wakingAt]) {'),
    ],
    scenario: 'waitlist: take | take | give, one dies',
    finds: FOR_EVER,
  },
  {
    name: 'nobody gives the wake-up that a dead one owed',
    edits: [
      edit('process/family.ts', 'for (const word of [Slot.parkedAt, Slot.wakingAt]) {', 'for (const word of [Slot.parkedAt]) {'),
    ],
    scenario: 'waitlist: take | give, one dies',
    finds: FOR_EVER,
  },
  {
    name: 'the wake-up for a dead one relies on the gate that it left',
    edits: [
      edit(
        'process/family.ts',
        '    Atomics.add(views.i32, offset / 4, 2)\n    port.notify(views.i32, offset / 4, ALL)\n    port.ring(-1)',
        '    wake(port, views.i32, offset / 4, ALL)',
      ),
    ],
    scenario: 'waitlist: take, give | take | give, the last dies',
    finds: FOR_EVER,
  },
]

export const ASYNC_MUTANTS: readonly Mutant[] = [
  {
    name: 'the bell is lowered after looking around',
    edits: [
      edit(
        'memory/sab-memory.ts',
        '      Atomics.store(words, index, 0)\n      this.#listen(words, index, onRing)\n      onRing()',
        '      onRing()\n      Atomics.store(words, index, 0)\n      this.#listen(words, index, onRing)',
      ),
    ],
    scenario: 'waitlist: async | async | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'who rings leaves a thread asleep on its bell',
    edits: [bell('  if (before === Bell.asleep) port.notify(words, bell, ALL)\n', '')],
    scenario: 'waitlist: async, then by bell | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'a thread falls asleep on a bell that is up',
    edits: [
      bell(
        '  if (Atomics.compareExchange(words, bell, Bell.down, Bell.asleep) === Bell.down) ',
        '  Atomics.store(words, bell, Bell.asleep)\n  ',
      ),
    ],
    scenario: 'waitlist: by bell | give',
    finds: FOR_EVER,
  },
  {
    name: 'a thread that heard a ring keeps it from the other waiters of its agent',
    edits: [waitlist('  if (port.sharesBell) port.ring(port.bell)\n', '')],
    scenario: 'waitlist: async, then by bell | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'nobody wakes the thread that a dead one was about to',
    edits: [edit('process/family.ts', '      port.notify(this.#words, bell, ALL)\n', '')],
    scenario: 'waitlist: async, then by bell | give to all, that dies',
    finds: FOR_EVER,
  },
  {
    name: 'one who leaves takes down the bell of another',
    edits: [waitlist('  if (port.sharesBell) port.ring(port.bell)\n', '')],
    scenario: 'lock: async | one in time, behind the same bell | held',
    finds: FOR_EVER,
  },
  {
    name: 'an abort starts the waiter that it should remove',
    edits: [edit('sync/async-waiters.ts', "if (why === 'aborted' && !waiter.started) {", 'if (false as boolean) {')],
    scenario: 'lock: two async, the second aborts | sync',
    finds: STRANDED,
  },
  {
    name: 'an abort leaves its bell up',
    edits: [
      mutex(
        "if (resumption === 'aborted') return leave(port, words, at, Acquired.no)",
        "if (resumption === 'aborted') return Acquired.no",
      ),
    ],
    scenario: 'lock: impatient: two async, the second aborts | sync ×2',
    finds: STRANDED,
  },
  {
    name: 'a timeout leaves its bell up',
    edits: [
      mutex('return leave(port, words, at, isTaken ? Acquired.yes : Acquired.no)', 'return isTaken ? Acquired.yes : Acquired.no'),
    ],
    scenario: 'lock: impatient 2 × 2, in time',
    finds: STRANDED,
  },
]

export const LOCK_MUTANTS: readonly Mutant[] = [
  {
    name: 'wakes before it releases',
    edits: [
      mutex(
        '  if (Atomics.compareExchange(words, at, port.tag, FREE) !== port.tag && (ownOnly || !unlockSlow(words, at))) return false\n  if (isAwaited(words, at + WAITLIST)) wakeNext(port, words, at)\n  return true',
        '  if (isAwaited(words, at + WAITLIST)) wakeNext(port, words, at)\n  return Atomics.compareExchange(words, at, port.tag, FREE) === port.tag || unlockSlow(words, at)',
      ),
    ],
    scenario: 'lock: 2 × 2',
    finds: FOR_EVER,
  },
  {
    name: 'does not look again after it has enlisted',
    edits: [
      mutex(
        '    name(port, words, at + WAITLIST)\n    const ticket = waiter.enlist(words, at + WAITLIST)\n    const seen = Atomics.load(words, at)\n',
        '    const seen = Atomics.load(words, at)\n    name(port, words, at + WAITLIST)\n    const ticket = waiter.enlist(words, at + WAITLIST)\n',
      ),
    ],
    scenario: 'lock: 2 × 2',
    finds: FOR_EVER,
  },
  {
    name: 'releases without looking whether anyone holds it',
    edits: [
      mutex('!== port.tag && (ownOnly || !unlockSlow(words, at))) return false', '!== port.tag) Atomics.store(words, at, FREE)'),
    ],
    scenario: 'lock: released twice',
    finds: /released 2 times/,
  },
  {
    name: 'releases for another without compare-and-swap',
    edits: [
      mutex(
        'if (Atomics.compareExchange(words, at, holder, FREE) === holder) return true',
        'Atomics.store(words, at, FREE)\n    return true',
      ),
    ],
    scenario: 'lock: released twice',
    finds: /released 2 times/,
  },
  {
    name: 'steals whatever is there by now',
    edits: [
      mutex(
        'if (Atomics.compareExchange(words, at, seen, port.tag) !== seen) continue',
        'if (isDead) Atomics.store(words, at, port.tag)\n      else if (Atomics.compareExchange(words, at, seen, port.tag) !== seen) continue',
      ),
    ],
    scenario: 'lock: 3 × 1, one dies',
    finds: /enters while . is inside/,
  },
  {
    name: 'tryAcquire steals whatever is there by now',
    edits: [
      mutex(
        'return Atomics.compareExchange(words, at, holder, port.tag) === holder ? Acquired.fromTheDead : Acquired.no',
        'Atomics.store(words, at, port.tag)\n  return Acquired.fromTheDead',
      ),
    ],
    scenario: 'lock: 3 × 1, one dies, one tries',
    finds: /enters while . is inside/,
  },
  {
    name: 'does not say that it was stolen',
    edits: [mutex('return isDead ? Acquired.fromTheDead : Acquired.yes', 'return Acquired.yes')],
    scenario: 'lock: 2 × 2, one dies',
    finds: /and is not told/,
  },
  {
    name: 'takes a slow holder for a dead one',
    edits: [
      mutex(
        'const isDead = seen !== FREE && !isReserved && !port.isAlive(seen, thorough)',
        'const isDead = seen !== FREE && !isReserved && (thorough || !port.isAlive(seen, thorough))',
      ),
    ],
    scenario: 'lock: 3 × 1, one dies',
    finds: /enters while . is inside|nobody did/,
  },
  {
    name: 'who leaves keeps the reservation',
    edits: [mutex('  if (Atomics.load(words, at) === reserved) reserve(port, words, at, reserved)\n', '')],
    scenario: 'lock: impatient 2 × 2, in time',
    finds: STRANDED,
  },
  {
    name: 'who leaves looks at the word before it takes its bell down',
    edits: [
      mutex(
        '  withdraw(port, words, at + WAITLIST)\n  const reserved = reservedFor(port)\n  if (Atomics.load(words, at) === reserved) reserve(port, words, at, reserved)\n',
        '  const reserved = reservedFor(port)\n  if (Atomics.load(words, at) === reserved) reserve(port, words, at, reserved)\n  withdraw(port, words, at + WAITLIST)\n',
      ),
    ],
    scenario: 'lock: impatient 2 × 2, in time',
    finds: STRANDED,
  },
  {
    name: 'reserves without another look at the bell',
    edits: [
      mutex(
        '    if ((Atomics.load(words, at + WAITLIST + BELLS) & (1 << bell)) === 0) {\n      from = RESERVED | bell\n      continue\n    }\n',
        '',
      ),
    ],
    scenario: 'lock: impatient 2 × 2',
    finds: STRANDED,
  },
  {
    name: 'wakes one of the sleepers, of whom the reservation is for another',
    edits: [
      mutex('    wake(port, words, at + WAITLIST, ALL)\n    return', '    wake(port, words, at + WAITLIST, 1)\n    return'),
    ],
    scenario: 'lock: impatient 3 × 1',
    finds: FOR_EVER,
  },
  {
    name: 'frees a reserved lock without waking who found it reserved',
    edits: [
      mutex(
        'if (from === FREE || Atomics.compareExchange(words, at, from, FREE) === from) wake(port, words, at + WAITLIST, 1)',
        'if (from === FREE) wake(port, words, at + WAITLIST, 1)\n  else Atomics.compareExchange(words, at, from, FREE)',
      ),
    ],
    scenario: 'lock: impatient 2 × 2, in time',
    finds: FOR_EVER,
  },
]

export const SEMAPHORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'wakes before it counts',
    edits: [
      permits(
        'export function give(port: SyncPort, words: Int32Array, at: number, n: number, most: number): boolean {\n',
        'export function give(port: SyncPort, words: Int32Array, at: number, n: number, most: number): boolean {\n  wake(port, words, at + PERMITS_WAITLIST, n)\n',
      ),
      permits('  wake(port, words, at + PERMITS_WAITLIST, n)\n  return true', '  return true'),
    ],
    scenario: 'semaphore: take ×2 | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'does not look again after it has enlisted',
    edits: [permits('if (!yields && tryTake(words, at))', 'if (!yields && hasSlept && tryTake(words, at))')],
    scenario: 'semaphore: take ×2 | give ×2',
    finds: FOR_EVER,
  },
  {
    name: 'wakes one for two permits',
    edits: [
      permits(
        '  wake(port, words, at + PERMITS_WAITLIST, n)\n  return true',
        '  wake(port, words, at + PERMITS_WAITLIST, 1)\n  return true',
      ),
    ],
    scenario: 'semaphore: take | take | give 2',
    finds: FOR_EVER,
  },
  {
    name: 'takes without compare-and-swap',
    edits: [
      permits(
        'if (Atomics.compareExchange(words, at + COUNT, count, count - 1) === count) return true',
        'Atomics.store(words, at + COUNT, count - 1)\n    return true',
      ),
    ],
    scenario: 'semaphore: 2 × 2',
    finds: /permits given|that nobody gave/,
  },
  {
    name: 'looks at the bound before it adds, and not again',
    edits: [
      permits(
        'if (Atomics.compareExchange(words, at + COUNT, count, count + n) === count) break',
        'Atomics.add(words, at + COUNT, n)\n    break',
      ),
    ],
    scenario: 'semaphore: bounded: release ×2 | release ×2',
    finds: /beyond the bound/,
  },
  {
    name: 'whose turn it was keeps it',
    edits: [permits('  Atomics.and(words, at + ENTITLED, ~port.bell)\n', '')],
    scenario: 'semaphore: stern 2 × 2',
    finds: /permits are left to somebody|waits for ever/,
  },
  {
    name: 'whose turn it was wakes nobody of those who yielded to it',
    edits: [permits('    if (left > 0) wake(port, words, at + PERMITS_WAITLIST, left)\n', '')],
    scenario: 'semaphore: stern: take | take | give 2',
    finds: FOR_EVER,
  },
  {
    name: 'whose turn it was wakes one of those who yielded to it, beside two permits',
    edits: [permits('wake(port, words, at + PERMITS_WAITLIST, left)', 'wake(port, words, at + PERMITS_WAITLIST, 1)')],
    scenario: 'semaphore: lenient: take | take | take | give, take, give 3',
    finds: FOR_EVER,
  },
  {
    name: 'who has slept yields like those who come',
    edits: [permits('const yields = !hasSlept && mustYield(', 'const yields = mustYield(')],
    scenario: 'semaphore: stern 3 × 1',
    finds: FOR_EVER,
  },
  {
    name: 'sleeps beside a permit for a dead one, for ever',
    edits: [permits('tick: besidePermit ? TICK_MS : 0', 'tick: 0')],
    scenario: 'semaphore: stern: async | 3, the first dies',
    finds: FOR_EVER,
  },
  {
    name: 'leaves no note of a wake-up that it may have taken beside a permit',
    edits: [permits('TICK_MS : 0, isOwed: true }', 'TICK_MS : 0 }')],
    scenario: 'semaphore: stern: take ×2 | take | give ×2, the second dies',
    finds: FOR_EVER,
  },
  {
    name: 'keeps its note where it leaves by throwing',
    edits: [
      edit('sync/suspend.ts', 'let parked = false', 'let parked = false\n  let threw = true'),
      edit('sync/suspend.ts', '    return step.value\n  } finally {', '    threw = false\n    return step.value\n  } finally {'),
      edit('sync/suspend.ts', 'if (parked) port.unpark()', 'if (parked && !threw) port.unpark()'),
    ],
    scenario: 'semaphore: take | take in time | give',
    finds: /has outlived what it was about/,
  },
]

export const EVENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'forgets that it was raised when it is lowered',
    edits: [event('if (this.#state !== before) return true', 'if ((this.#state & UP) !== 0) return true')],
    scenario: 'event: wait | pulse',
    finds: FOR_EVER,
  },
  {
    name: 'does not count how often it was raised',
    edits: [event('((state | UP) + RAISED_ONCE) | 0', '(state | UP) | 0')],
    scenario: 'event: wait | pulse',
    finds: FOR_EVER,
  },
  {
    name: 'those behind the first in line are measured by when their turn comes',
    edits: [
      event(
        '    let resumption: Resumption | undefined\n',
        '    before = this.#state & ~UP\n    let resumption: Resumption | undefined\n',
      ),
    ],
    scenario: 'event: two async | pulse',
    finds: FOR_EVER,
  },
  {
    name: 'wakes one',
    edits: [event('wake(agent, this.#words, this.#at + WAITLIST, ALL)', 'wake(agent, this.#words, this.#at + WAITLIST, 1)')],
    scenario: 'event: wait | wait | set',
    finds: FOR_EVER,
  },
  {
    name: 'wakes before it is raised',
    edits: [
      event(
        'if (this.#raise()) wake(agent, this.#words, this.#at + WAITLIST, ALL)',
        'wake(agent, this.#words, this.#at + WAITLIST, ALL)\n    this.#raise()',
      ),
    ],
    scenario: 'event: wait | wait | set',
    finds: FOR_EVER,
  },
  {
    name: 'does not look again after it has enlisted',
    edits: [
      event('if (this.#state !== before) return true', 'if (resumption !== undefined && this.#state !== before) return true'),
    ],
    scenario: 'event: wait | wait | set',
    finds: FOR_EVER,
  },
  {
    name: 'leaves no note of those it is about to wake',
    edits: [event('    agent.noteWake(this.#waitlistWord)\n', '')],
    scenario: 'event: wait | wait | set, one dies',
    finds: FOR_EVER,
  },
]

export const QUEUE_MUTANTS: readonly Mutant[] = [
  {
    name: 'wakes before it stores',
    edits: [
      ring(
        '      agent.noteWake(this.#notEmptyWord)\n',
        '      agent.noteWake(this.#notEmptyWord)\n      wake(agent, words, at + NOT_EMPTY, 1)\n',
      ),
      ring(
        '    wake(agent, words, at + NOT_EMPTY, 1)\n    agent.noteWake(0)\n    return Offered.done',
        '    agent.noteWake(0)\n    return Offered.done',
      ),
    ],
    scenario: 'queue: put | get',
    finds: FOR_EVER,
  },
  {
    name: 'does not look again after it has enlisted',
    edits: [
      ring(
        'const item = this.take(decode, claim)\n        if',
        'const item = resumption === undefined ? EMPTY : this.take(decode, claim)\n        if',
      ),
    ],
    scenario: 'queue: put | get',
    finds: FOR_EVER,
  },
  {
    name: 'commits before the record is written',
    edits: [
      ring(
        '      const end = this.#segments.append',
        '      Atomics.store(words, at + PUTS, (puts + 1) | 0)\n      const end = this.#segments.append',
      ),
      ring(
        '      agent.noteWake(this.#notEmptyWord)\n      Atomics.store(words, at + PUTS, (puts + 1) | 0)',
        '      agent.noteWake(this.#notEmptyWord)',
      ),
    ],
    scenario: 'queue: put | get, plain accesses',
    finds: /race for|got|threw/,
  },
  {
    name: 'commits before it says where the next record goes',
    edits: [
      ring('      words[next] = end.segment\n      words[next + 1] = end.position\n      agent.noteWake', '      agent.noteWake'),
      ring(
        '      Atomics.store(words, at + PUTS, (puts + 1) | 0)\n',
        '      Atomics.store(words, at + PUTS, (puts + 1) | 0)\n      words[next] = end.segment\n      words[next + 1] = end.position\n',
      ),
    ],
    scenario: 'queue: put, get | put, get, one dies',
    finds: /which is not in use/,
  },
  {
    name: 'takes without looking again under the lock',
    edits: [ring('      if (Atomics.load(words, at + PUTS) === gets) return EMPTY\n', '')],
    scenario: 'queue: put | get | get',
    finds: /which is not in use/,
  },
  {
    name: 'counts the take after it has let others in',
    edits: [
      ring(
        '      if (this.#maxsize !== 0) agent.noteWake(this.#notFullWord)\n      Atomics.store(words, at + GETS, (gets + 1) | 0)\n    } finally {',
        '    } finally {',
      ),
      ring(
        '    if (this.#maxsize !== 0) {\n      wake',
        '    Atomics.store(words, at + GETS, (Atomics.load(words, at + GETS) + 1) | 0)\n    if (this.#maxsize !== 0) {\n      wake',
      ),
    ],
    scenario: 'queue: put | get | get',
    finds: /which was taken before/,
  },
  {
    name: 'wakes a getter only when the queue was empty',
    edits: [
      ring(
        '    wake(agent, words, at + NOT_EMPTY, 1)\n    agent.noteWake(0)\n    return Offered.done',
        '    if (this.size === 1) wake(agent, words, at + NOT_EMPTY, 1)\n    agent.noteWake(0)\n    return Offered.done',
      ),
    ],
    scenario: 'queue: put ×2 | get | get',
    finds: FOR_EVER,
  },
  {
    name: 'wakes no putter where the queue was full',
    edits: [ring('      wake(agent, words, at + NOT_FULL, 1)\n', '')],
    scenario: 'queue: put ×2 | get ×2, at most 1, counters near 2^31',
    finds: FOR_EVER,
  },
  {
    name: 'lets one in too many',
    edits: [ring('>= this.#maxsize) return Offered.full', '> this.#maxsize) return Offered.full')],
    scenario: 'queue: put ×2 | shutdown, at most 1',
    finds: /into a full queue/,
  },
  {
    name: 'compares the counters as signed numbers',
    edits: [
      ring(
        '((puts - Atomics.load(words, at + GETS)) | 0) >= this.#maxsize',
        'puts >= Atomics.load(words, at + GETS) + this.#maxsize',
      ),
    ],
    scenario: 'queue: put, get, put, tryPut | tryGet, at most 1, counters near 2^31',
    finds: /into a full queue/,
  },
  {
    name: 'looks whether it is shut after it has looked for an item',
    edits: [
      ring(
        '        const shut = this.isShut\n        const item = this.take(decode, claim)\n',
        '        const item = this.take(decode, claim)\n        const shut = this.isShut\n',
      ),
    ],
    scenario: 'queue: put | get | shutdown',
    finds: /threw QueueEmptyError/,
  },
  {
    name: 'shuts without waiting for the put that is under way',
    edits: [
      ring(
        '    lockNow(agent, words, at + PUT_MUTEX)\n    Atomics.or(words, at + FLAGS, SHUT)\n    unlock(agent, words, at + PUT_MUTEX)\n',
        '    Atomics.or(words, at + FLAGS, SHUT)\n',
      ),
    ],
    scenario: 'queue: put | get | shutdown',
    finds: /threw QueueEmptyError/,
  },
  {
    name: 'frees a segment before the take is committed',
    edits: [edit('queue/segments.ts', '      this.#spent = segment\n', '      this.#agent.heap.free(unpack(segment))\n')],
    scenario: 'queue: large: put ×2 | get ×2, at most 1, one dies',
    finds: /which is not in use/,
  },
  {
    name: 'leaves no word of the wake-up that it owes',
    edits: [ring('      agent.noteWake(this.#notEmptyWord)\n', '')],
    scenario: 'queue: put | get, one dies',
    finds: FOR_EVER,
  },
  {
    name: 'a wait for the lock overwrites what it waited for before',
    edits: [edit('sync/suspend.ts', 'if (isOwed && !parked) {', 'if (!parked) {')],
    scenario: 'queue: full: get | put | put | tryPut, a putter dies',
    finds: FOR_EVER,
  },
]

const waitSet = (find: string, replace: string): Edit => edit('sync/wait-set.ts', find, replace)
const notices = (find: string, replace: string): Edit => edit('sync/notices.ts', find, replace)
const parties = (find: string, replace: string): Edit => edit('sync/parties.ts', find, replace)

export const CONDITION_MUTANTS: readonly Mutant[] = [
  {
    name: 'a waiter leaves without looking once more whether it was notified',
    edits: [
      notices(
        'return waiters.exclusively(() => {\n      if (waiters.fate(entry) === Fate.granted) return true\n',
        'return waiters.exclusively(() => {\n',
      ),
    ],
    scenario: 'condition: wait in time | wait | notify',
    finds: FOR_EVER,
  },
  {
    name: 'one that cannot go on keeps its notification',
    edits: [notices('if (this.#waiters.fate(entry) === Fate.granted) this.#notify(1)', '')],
    scenario: 'condition: async that aborts | wait | notify',
    finds: FOR_EVER,
  },
  {
    name: 'the dead keep their notifications',
    edits: [
      notices(
        'if (!this.#waiters.isAlive(entry, false)) this.#abandon(entry)',
        'if (!this.#waiters.isAlive(entry, false)) this.#waiters.free(entry)',
      ),
    ],
    scenario: 'condition: wait | wait | notify, a waiter dies',
    finds: FOR_EVER,
  },
  {
    name: 'who has the mutex does not look whether an agent was buried meanwhile',
    edits: [
      waitSet(
        'unlock(this.#agent, this.#words, this.#at + MUTEX)\n      this.#settle()',
        'unlock(this.#agent, this.#words, this.#at + MUTEX)',
      ),
    ],
    scenario: 'condition: wait | wait | notify, a waiter dies',
    finds: FOR_EVER,
  },
  {
    name: 'wakes a waiter before it is told',
    edits: [
      waitSet(
        '    Atomics.store(words, at + STATE, (state & ~FATE) | fate)\n    wake(this.#agent, words, at + WAITLIST, 1)\n',
        '    wake(this.#agent, words, at + WAITLIST, 1)\n    Atomics.store(words, at + STATE, (state & ~FATE) | fate)\n',
      ),
    ],
    scenario: 'condition: wait | notify',
    finds: FOR_EVER,
  },
  {
    name: 'leaves no word of the waiter that it is about to wake',
    edits: [waitSet('    this.#agent.noteWake(word + WAITLIST)\n', '')],
    scenario: 'condition: wait | notify, one dies',
    finds: FOR_EVER,
  },
  {
    name: 'looks at its fate before it enlists',
    edits: [
      waitSet(
        '        const ticket = waiter.enlist(words, at)\n        if (this.fate(entry)',
        '        const fate = this.fate(entry)\n        const ticket = waiter.enlist(words, at)\n        if (fate',
      ),
    ],
    scenario: 'condition: wait | notify',
    finds: FOR_EVER,
  },
]

export const BARRIER_MUTANTS: readonly Mutant[] = [
  {
    name: 'one whose time has run out breaks whatever generation there is',
    edits: [parties('        if (waiters.fate(entry) === Fate.waiting) this.#break()\n', '        this.#break()\n')],
    scenario: 'barrier: 2 parties in time',
    finds: /nobody of that generation was refused/,
  },
  {
    name: 'nobody goes on telling where the dead left off',
    edits: [parties('#break()\n    this.#tell()\n', '#break()\n')],
    scenario: 'barrier: 3 parties, one of them dies',
    finds: FOR_EVER,
  },
  {
    name: 'the death of the one that acts breaks nothing',
    edits: [
      parties('if ((this.#state & PHASE) === Phase.acting && !this.#agent.isAlive(actor, false)) this.#break()', 'void actor'),
    ],
    scenario: 'barrier: 3 parties, one of them dies',
    finds: FOR_EVER,
  },
  {
    name: 'a reset lets those who wait go on',
    edits: [parties('state & REFUSED ? Fate.refused : Fate.granted', 'Fate.granted')],
    scenario: 'barrier: 2 parties | reset',
    finds: /not all had come/,
  },
]

export const MUTANTS: readonly Mutant[] = [
  ...WAITLIST_MUTANTS,
  ...ASYNC_MUTANTS,
  ...LOCK_MUTANTS,
  ...QUEUE_MUTANTS,
  ...CONDITION_MUTANTS,
  ...BARRIER_MUTANTS,
]
