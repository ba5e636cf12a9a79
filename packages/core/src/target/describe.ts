/**
 * From what a caller gave as a target to what another agent needs to find or rebuild it.
 */
import { TargetError } from '../errors.js'
import { describeInline, type InlineDescription } from './inline.js'
import { show } from './kinds.js'
import { type ModuleReference, moduleUrl, taskAddress } from './task.js'

export interface ModuleDescription {
  readonly kind: 'module'
  readonly url: string
  readonly name: string
  /** Look for it among the module's tasks and not among its exports. */
  readonly task: boolean
}

/** Plain data: travels to the agent that runs the target. */
export type TargetDescription = ModuleDescription | InlineDescription

const known = new WeakMap<object, TargetDescription>()

/** By content: what is described anew at each call is one target all the same, which pools and their workers keep once. */
const descriptions = new Map<string, TargetDescription>()

/** Programs that generate code must not fill memory. */
const MAX_DESCRIPTIONS = 2000

/**
 * @param what how messages call it, e.g. `'Process target'`
 * @throws TypeError where `target` is nothing that could ever be run
 * @throws TargetError where it is a function that cannot run in another agent, saying why
 */
export function describeTarget(target: unknown, what: string): TargetDescription {
  if (typeof target === 'function') {
    const described = known.get(target)
    if (described) return described
    const address = taskAddress(target)
    const description = unique(
      address ? { kind: 'module', ...address, task: true } : describeInline(target as (...args: unknown[]) => unknown, what),
    )
    known.set(target, description)
    return description
  }
  if (typeof target === 'object' && target !== null && 'module' in target)
    return describeReference(target as ModuleReference, what)
  throw new TypeError(`${what} must be a function, a task or { module, name? }, got ${show(target)}`)
}

function unique(description: TargetDescription): TargetDescription {
  const key = JSON.stringify(description)
  const same = descriptions.get(key)
  if (same) return same
  if (descriptions.size >= MAX_DESCRIPTIONS) descriptions.clear()
  descriptions.set(key, description)
  return description
}

/** The reference of each name that was described last: most programs give the same ones again and again, and to look closely at a URL is dear. */
const references = new Map<
  unknown,
  { readonly module: unknown; readonly href: string; readonly description: TargetDescription }
>()

function describeReference({ module, name = 'default' }: ModuleReference, what: string): TargetDescription {
  const href = module instanceof URL ? module.href : ''
  const last = references.get(name)
  // A URL can be changed.
  if (last && last.module === module && last.href === href) return last.description
  const description = unique(describeModule(module, name, what))
  if (references.size >= MAX_DESCRIPTIONS) references.clear()
  references.set(name, { module, href, description })
  return description
}

function describeModule(module: unknown, name: unknown, what: string): ModuleDescription {
  if (typeof name !== 'string') throw new TypeError(`${what}: name must be the name of an export, a string, got ${show(name)}`)
  if (name === '') throw new TargetError(`${what}: name is empty; leave it out for the default export`)
  return { kind: 'module', url: moduleUrl(module, `${what}: module`), name, task: false }
}
