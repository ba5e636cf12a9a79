import { WORDS } from './memory.js'

/**
 * Which words matter to more than one agent. A step on a word that nobody else touches, or that nobody changes, is independent of all that others do, so it
 * can be taken together with the step before it, and no outcome is missed.
 *
 * Who touches what is found by exploring: no word is taken for shared at first; when one turns out to be, the search begins again, knowing it. At the end none of the words
 * left out was ever touched by two. (Nor could it have been with its steps taken separately: in a schedule where a second agent first touches such a word, the step that
 * was not yet taken depends on nothing before that, so the same schedule with that step taken early leads to the same touch, and it is one of those that were searched.)
 */
export class Sharing {
  /** Whether a word was found to be shared that was not known to be. */
  widened = false
  /** 0: untouched; agent + 1: touched by that agent only, and written if {@link WRITTEN}; the rest below. */
  readonly #touches = new Int32Array(WORDS)
  readonly #shared: number[] = []

  /** What `toString` gave. */
  static parse(text: string): Sharing {
    const sharing = new Sharing()
    for (const at of text.split('.')) if (at !== '') sharing.#share(Number.parseInt(at, 36))
    return sharing
  }

  isShared(at: number): boolean {
    return this.#touches[at] === SHARED
  }

  touched(at: number, agent: number, writes: boolean): void {
    const before = this.#touches[at]
    if (before === SHARED) return
    const own = (agent + 1) | (writes ? WRITTEN : 0)
    if (before === 0) this.#touches[at] = own
    else if (before === READ_BY_MANY) {
      if (writes) this.#widen(at)
    } else if (((before as number) & ~WRITTEN) === agent + 1) this.#touches[at] = (before as number) | own
    else if (writes || ((before as number) & WRITTEN) !== 0) this.#widen(at)
    else this.#touches[at] = READ_BY_MANY
  }

  toString(): string {
    return this.#shared.map((at) => at.toString(36)).join('.')
  }

  #widen(at: number): void {
    this.#share(at)
    this.widened = true
  }

  #share(at: number): void {
    this.#touches[at] = SHARED
    this.#shared.push(at)
  }
}

const WRITTEN = 0x10000
const READ_BY_MANY = 0x20000
const SHARED = 0x40000
