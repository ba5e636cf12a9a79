/**
 * Telling functions apart, and naming values in messages.
 */

/** What kind of function it is that cannot be called and awaited like a plain one, or undefined. */
export function kindOfFunction(fn: unknown): 'generator' | 'class' | undefined {
  const tag = Object.prototype.toString.call(fn)
  if (tag === '[object GeneratorFunction]' || tag === '[object AsyncGeneratorFunction]') return 'generator'
  // A class's `prototype` is the one that cannot be written; a function's can, and arrows and methods have none.
  const prototype = Object.getOwnPropertyDescriptor(fn as object, 'prototype')
  return prototype && !prototype.writable && /^class\b/.test(Function.prototype.toString.call(fn)) ? 'class' : undefined
}

/** A value as an error message shows it: short, and never throwing. */
export function show(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
