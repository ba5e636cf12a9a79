/** Scoping: which names a function takes from outside itself. */
import { expect, it } from 'vitest'
import { findCaptures } from '../src/target/capture.js'
import { parseFunction, Unparsable } from '../src/target/parse.js'

function captures(source: string): string[] {
  const parsed = parseFunction(source, 'fn')
  if (parsed instanceof Unparsable) throw new Error(parsed.reason)
  return findCaptures(parsed.outside, 'fn').map(({ what, start }) => {
    const name = /'([^']+)'/.exec(what)?.[1] ?? what
    if (!what.startsWith('a private')) expect(source.slice(start)).toMatch(new RegExp(`^${name.replace(/\W/g, '\\$&')}`))
    return name
  })
}

it.each([
  // parameters and bodies
  '(a, { b, c: { d }, ["e"]: e, ...f }, [g, , h = a], ...i) => [a, b, d, e, f, g, h, i]',
  '(a, b = a) => a + b',
  '() => { return f(); function f() { return v } var v; }',
  '() => { if (x) { var x = 1 } return x }',
  '() => { const a = () => b; let b = 1; return a() }',
  '() => { for (var i = 0; i < 1; i++); return i }',
  '(o) => { for (const [k, v] of Object.entries(o)) if (k in o) return v }',
  '(o) => { for (const k in o) { return k } }',
  '(o) => { let x; for (x of o); for (o.x of o); for ([x, o.y] of o); return x }',
  '() => { try { null } catch ({ message, cause = message }) { return cause } }',
  '() => { try { null } catch { return 1 } }',
  '(n) => { switch (n) { case 1: let a = 1; return a; default: return a } }',
  '(n) => { outer: for (;;) { inner: for (;;) { if (n) break outer; continue inner } } }',
  'function f(n) { return n ? f(n - 1) : arguments.length + (() => arguments.length + this)() + new.target }',
  '() => (function g() { return g })()',
  '() => { function g() { return [this, arguments, new.target] } return g() }',
  // members, keys and shorthands
  '(o) => o.limit + o?.limit + o["limit"] + { limit: 1, "x": 2, 3: 4, m() {}, get g() { return 1 } }.limit',
  '(limit) => ({ limit, ...limit })',
  '(o) => { let a, b; ({ a, x: b, ...o.rest } = o); [a, b = a] = o; return a + b }',
  // classes
  '() => { class A { static x = this; y = this; #p = 1; static { var v = this; A.v = v } get p() { return this.#p + (#p in this) } } return new A() }',
  '() => class B extends Object { constructor() { super(); super.toString() } [B.name] = B }',
  '() => ({ toString() { return super.toString() } })',
  // globals and the unknown
  '() => typeof missing === "undefined" && typeof require',
  '() => [undefined, NaN, Infinity, globalThis, global, process, Buffer, console, setTimeout, structuredClone, fetch, URL]',
  '() => [Array, Map, Promise, Atomics, SharedArrayBuffer, JSON, Math, Reflect, Proxy, WeakRef, FinalizationRegistry, Intl, eval]',
  '() => [TextEncoder, AbortController, performance, crypto, queueMicrotask, WebAssembly, escape, parseInt, isNaN, BigInt64Array]',
  `(s) => \`\${s}\` + s.replace(/missing/, (m) => m) + String.raw\`\${s}\``,
  'async (s) => { for await (const x of s) await x; const m = await import("node:fs"); return m }',
  '(a) => (a ??= 1, a ||= 2, a?.[0]?.(a), a ** 2n, [...a])',
  '(a) => { if (a) { function inBlock() {} inBlock() } }',
])('nothing: %s', (source) => {
  expect(captures(source)).toEqual([])
})

it.each<[string, ...string[]]>([
  ['() => limit', 'limit'],
  ['(n) => n < limit || n > limit', 'limit'],
  ['() => b + a', 'b', 'a'],
  ['() => limit.of.this', 'limit'],
  ['() => { limit = 1 }', 'limit'],
  ['() => { limit++ }', 'limit'],
  ['() => { [limit] = [1]; ({ a: other, b: { c: third = fourth } } = {}) }', 'limit', 'other', 'third', 'fourth'],
  ['() => { for (limit of []); for (key in {}); }', 'limit', 'key'],
  ['() => ({ limit })', 'limit'],
  ['() => ({ [key]: 1 })', 'key'],
  ['(o) => o[key]', 'key'],
  ['({ [key]: value }) => value', 'key'],
  ['(a = limit) => a', 'limit'],
  ['(a = inner) => { var inner; return a }', 'inner'],
  ['(a = () => inner) => { const inner = 1; return a }', 'inner'],
  ['() => { { let inner = 1 } return inner }', 'inner'],
  ['() => { for (let i = 0; ; ) break; return i }', 'i'],
  ['() => { try {} catch (e) {} return e }', 'e'],
  ['() => { (function named() {}); return named }', 'named'],
  ['() => { (class Named {}); return Named }', 'Named'],
  ['() => { class A { static { var v = 1 } } return v }', 'v'],
  ['() => class extends Base { [key] = value; static { other } }', 'Base', 'key', 'value', 'other'],
  ['() => { if (1) { function inBlock() {} } return inBlock }', 'inBlock'],
  [`(s) => tag\`\${s}\${x}\``, 'tag', 'x'],
  ['() => new Thing(...list)', 'Thing', 'list'],
  ['() => import(specifier)', 'specifier'],
  ['(n) => helper(n)?.limit', 'helper'],
  ['() => typeof limit.x', 'limit'],
  ['() => describe', 'describe'],
  ['() => { label: for (;;) break label; return label }', 'label'],
  // only there
  ['() => this.x + this.y', 'this'],
  ['() => { const f = () => this; return f }', 'this'],
  ['() => class { [this.key]() {} }', 'this'],
  ['() => arguments[0]', 'arguments'],
  ['() => new.target', 'new.target'],
  ['() => super.x', 'super'],
  ['async () => super.x()', 'super'],
  ['method() { return super.method() }', 'super'],
  ['method() { return () => super.method() }', 'super'],
  ['() => import.meta.url', 'import.meta'],
  ['function f() { return import.meta }', 'import.meta'],
  ['(o) => o.#secret', 'a private name of an enclosing class'],
  ['(o) => #secret in o', 'a private name of an enclosing class'],
  ["() => require('fs')", 'require'],
  ['() => module.exports', 'module'],
  ['() => [__dirname, __filename]', '__dirname', '__filename'],
])('%s takes %s %s', (source, ...names) => {
  expect(captures(source)).toEqual(names)
})

it('sees what sloppy code sees: functions in blocks', () => {
  expect(captures('() => { 010; if (1) { function inBlock() {} } return inBlock }')).toEqual([])
})

it.each(['() => {', 'not a function', '1', '() => 1, () => 2', 'a() {}, b() {}', '() => 1) + (() => 2', '...x'])(
  'refuses what is not the source of one function: %s',
  (source) => {
    expect(parseFunction(source, 'fn')).toBeInstanceOf(Unparsable)
  },
)
