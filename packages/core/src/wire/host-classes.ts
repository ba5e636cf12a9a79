/**
 * Which prototypes belong to the platform and not to the user. An instance of a user's class is its own enumerable properties; an instance of URL,
 * KeyObject or Promise keeps what it is elsewhere, out of the codec's sight, and would arrive empty.
 *
 * JavaScript shows no internal slots and no private fields, so the class is judged, by four signs: native code as its constructor; a global
 * that is not enumerable (user code makes enumerable ones); an export of a Node module that this process has loaded (no instance exists before); one of the methods
 * by which Node's own objects pass through a MessagePort.
 */

/** Native constructors whose instances the codec writes by kind, or that mean nothing in a chain. */
const HARMLESS = new Set(
  'Object Function Array Map Set Date RegExp ArrayBuffer DataView Number String Boolean BigInt SharedArrayBuffer Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError'.split(
    ' ',
  ),
)
/** Exports of Node modules whose instances are plain data, or say nothing by themselves. */
const PLAIN_EXPORTS = new Set(['Stats', 'Url', 'EventEmitter', 'Buffer', 'AssertionError'])
/** Not to be loaded for their exports: they warn. */
const LEFT_ALONE = /^(internal\/|_|punycode$|sys$|wasi$|sqlite$|test)/

const iteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
// No global names it: it is the parent of %AsyncGenerator.prototype%, itself the parent of every async generator's prototype.
const asyncIteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype))

const verdicts = new WeakMap<object, string>()

/** The name of the platform class of which an object with prototype `proto` is an instance; '' when there is none and it is the user's own. */
export function hostClassOf(proto: object): string {
  let verdict = verdicts.get(proto)
  if (verdict === undefined) {
    verdict = judge(proto)
    verdicts.set(proto, verdict)
  }
  return verdict
}

function judge(proto: object): string {
  for (let link: object | null = proto; link !== null && link !== Object.prototype; link = Object.getPrototypeOf(link)) {
    if (link === iteratorPrototype || link === asyncIteratorPrototype) return inheritedTag(proto) || 'Iterator'
    const maker: unknown = Object.getOwnPropertyDescriptor(link, 'constructor')?.value
    const name = typeof maker === 'function' ? maker.name : tagOf(link)
    if (typeof maker === 'function' ? isHostClass(maker, link) : isNativeThroughout(link)) return name || 'native object'
  }
  return ''
}

function isHostClass(maker: object, proto: object): boolean {
  const name = (maker as { name?: unknown }).name
  if (typeof name !== 'string' || (maker as { prototype?: unknown }).prototype !== proto) return false
  if (isNative(maker)) return !HARMLESS.has(name)
  const global = Object.getOwnPropertyDescriptor(globalThis, name)
  if (global !== undefined && !global.enumerable && globalThis[name as keyof typeof globalThis] === maker) return true
  if (Object.getOwnPropertySymbols(proto).some((symbol) => symbol.description?.startsWith('messaging_'))) return true
  return moduleClasses().has(proto)
}

/** A prototype without constructor, all of whose methods are native, as that of Intl's Segments. */
function isNativeThroughout(proto: object): boolean {
  const methods = Reflect.ownKeys(proto).map((key) => Object.getOwnPropertyDescriptor(proto, key)?.value)
  return methods.length > 0 && methods.every((method) => typeof method === 'function' && isNative(method))
}

function isNative(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn))
}

function tagOf(object: object): string {
  const tag: unknown = Object.getOwnPropertyDescriptor(object, Symbol.toStringTag)?.value
  return typeof tag === 'string' ? tag : ''
}

function inheritedTag(proto: object): string {
  let link: object | null = proto
  while (link !== null && tagOf(link) === '') link = Object.getPrototypeOf(link)
  return link === null ? '' : tagOf(link)
}

const exportedPrototypes = new WeakSet<object>()
let modulesSeen = 0

/** The prototypes of classes that loaded Node modules export. */
function moduleClasses(): WeakSet<object> {
  // Undocumented but present since Node 0; without it the other signs remain.
  const loaded = (process as { moduleLoadList?: unknown }).moduleLoadList
  if (!Array.isArray(loaded)) return exportedPrototypes
  for (; modulesSeen < loaded.length; modulesSeen++) {
    const [, id] = /^NativeModule (.+)$/.exec(String(loaded[modulesSeen])) ?? []
    if (id !== undefined && !LEFT_ALONE.test(id)) collect(process.getBuiltinModule(id))
  }
  return exportedPrototypes
}

function collect(exports: object | undefined): void {
  if (exports === undefined) return
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
    if (
      typeof value === 'function' &&
      !PLAIN_EXPORTS.has(name) &&
      typeof value.prototype === 'object' &&
      value.prototype !== null
    ) {
      if (value.prototype !== Object.prototype && !HARMLESS.has(value.name)) exportedPrototypes.add(value.prototype)
    }
  }
}
