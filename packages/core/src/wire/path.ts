import { inspect } from 'node:util'

/** How a container names its children. */
export enum Step {
  /** By property name or index: `.name`, `["x y"]`, `[3]`. */
  Property = 0,
  /** The value under a Map's key: `.get("k")`. */
  MapValue = 1,
  /** The n-th key of a Map: `.keys()[n]`. */
  MapKey = 2,
  /** The n-th member of a Set: `.values()[n]`. */
  SetMember = 3,
}

/** Where a container lies whose content is written later, after the walk has left the place. */
export interface Place {
  readonly parent: Place | undefined
  readonly step: Step
  readonly key: unknown
}

/** The way from the root to what is being written: one key per open container. Read only when something is refused. */
export class Path {
  /** Containers open now. */
  depth = 0
  /** Per open container, the key of the child at hand. */
  readonly keys: unknown[] = []
  readonly steps: Step[] = []
  /** Per open container, where it lies; made on demand. */
  readonly #places: (Place | undefined)[] = []
  #origin: Place | undefined
  #root = ''

  /** Starts over, at `root` or at `origin` below it. */
  begin(root: string, origin?: Place): void {
    this.#root = root
    this.#origin = origin
    this.depth = 0
  }

  /** Opens a container; its number for `keys` and `steps`. */
  open(step: Step): number {
    const level = this.depth++
    this.steps[level] = step
    this.#places[level] = undefined
    return level
  }

  close(): void {
    const level = --this.depth
    // A Map's key may be any object: do not keep it alive.
    if (this.steps[level] !== Step.Property) this.keys[level] = undefined
  }

  /** Where the child at hand lies. Siblings share all but the last step. */
  place(): Place | undefined {
    if (this.depth === 0) return this.#origin
    const level = this.depth - 1
    return { parent: this.#container(level), step: this.steps[level] ?? Step.Property, key: this.keys[level] }
  }

  toString(): string {
    let place = this.place()
    const parts: string[] = []
    for (; place !== undefined; place = place.parent) parts.push(segment(place))
    return this.#root + parts.reverse().join('')
  }

  #container(level: number): Place | undefined {
    if (level === 0) return this.#origin
    const above = level - 1
    this.#places[level] ??= { parent: this.#container(above), step: this.steps[above] ?? Step.Property, key: this.keys[above] }
    return this.#places[level]
  }
}

function segment({ step, key }: Place): string {
  switch (step) {
    case Step.MapValue:
      return `.get(${typeof key === 'string' ? JSON.stringify(key) : inspect(key, { depth: 0, customInspect: false })})`
    case Step.MapKey:
      return `.keys()[${key}]`
    case Step.SetMember:
      return `.values()[${key}]`
    default:
      if (typeof key === 'number' || /^(0|[1-9]\d*)$/.test(String(key))) return `[${key}]`
      return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(String(key)) ? `.${key}` : `[${JSON.stringify(key)}]`
  }
}
