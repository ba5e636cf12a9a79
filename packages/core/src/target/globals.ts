/**
 * The global names that every agent of this Node has, and that an inline function may therefore use.
 *
 * Not read off this agent's `globalThis`: test frameworks, polyfills and preloads add to it what a worker would lack, and
 * such a name is to be refused at the call instead of failing there.
 */
import vm from 'node:vm'

/** The language's, as of ES2025. */
const LANGUAGE = `AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
  FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN
  Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError TypeError
  URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape`

/** Node's own. Those of newer versions are included: where one is missing it is missing here just as well. */
const NODE = `AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent CompressionStream
  CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream ErrorEvent Event EventSource EventTarget File
  FormData Headers MessageChannel MessageEvent MessagePort Navigator Performance PerformanceEntry PerformanceMark
  PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming ReadableByteStreamController
  ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader
  Request Response Storage SubtleCrypto TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream
  TransformStreamDefaultController URL URLPattern URLSearchParams WebAssembly WebSocket WritableStream
  WritableStreamDefaultController WritableStreamDefaultWriter atob btoa clearImmediate clearInterval clearTimeout console crypto
  fetch gc global localStorage navigator performance process queueMicrotask sessionStorage setImmediate setInterval setTimeout
  structuredClone`

const KNOWN = new Set(`${LANGUAGE} ${NODE}`.split(/\s+/))

/** What newer versions of V8 add to the language. */
let newer: ReadonlySet<string> | undefined

/** Whether `name` is a global of the language or of Node. */
export function isStandardGlobal(name: string): boolean {
  if (KNOWN.has(name)) return true
  // An empty context holds what the language itself has in this version of V8, and nothing of anyone else's. It takes 1 ms to
  // make: for names that are most likely captured, before the error.
  newer ??= new Set(vm.runInContext('Object.getOwnPropertyNames(globalThis)', vm.createContext()) as string[])
  return newer.has(name)
}
