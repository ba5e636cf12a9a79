import { createSecretKey } from 'node:crypto'
import { MessageChannel } from 'node:worker_threads'

/** What cannot travel, by kind. */
export const uncloneable: Readonly<Record<string, () => unknown>> = {
  'a function': () => () => {},
  'a class': () => class {},
  'a symbol': () => Symbol('s'),
  'a WeakMap': () => new WeakMap(),
  'a WeakSet': () => new WeakSet(),
  'a WeakRef': () => new WeakRef({}),
  'a Promise': () => Promise.resolve(),
  'a generator': () =>
    (function* () {
      yield 1
    })(),
  'an iterator': () => [1][Symbol.iterator](),
  'a Blob': () => new Blob(['x']),
  'a MessagePort': () => {
    const { port1, port2 } = new MessageChannel()
    port1.close()
    port2.close()
    return port1
  },
  'a KeyObject': () => createSecretKey(Buffer.from('secret')),
  'a URL': () => new URL('https://example.org'),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(8),
  'an AbortSignal': () => new AbortController().signal,
}
