import { Decoder } from '../../src/wire/decoder.js'
import { Encoder } from '../../src/wire/encoder.js'
import { type Handle, type HandlePort, SHARE, type Shareable } from '../../src/wire/shareable.js'

/** A shared object without shared memory: two of one id are the same object. */
export class FakeShared implements Shareable {
  constructor(
    readonly id: number,
    readonly data: readonly number[] = [],
    readonly parts: readonly Shareable[] = [],
  ) {}

  [SHARE](): Handle {
    return { kind: 7, id: this.id, data: this.data, parts: this.parts }
  }
}

/** A port that attaches to a {@link FakeShared} by making one. */
export const fakePort: HandlePort = {
  departing: (object) => object[SHARE](),
  arriving: ({ id, data, parts }) => new FakeShared(id, data, parts),
}

/** An encoder, a decoder, and shared memory between them, as one round trip. */
export function codec(port: HandlePort = fakePort) {
  const encoder = new Encoder(port)
  const decoder = new Decoder(port)
  let memory = new Uint8Array(new SharedArrayBuffer(1 << 16))
  const OFFSET = 24
  return {
    encoder,
    decoder,
    send<T>(value: T, path = 'item'): T {
      encoder.encode(value, path)
      const { size } = encoder
      if (size + OFFSET > memory.length) memory = new Uint8Array(new SharedArrayBuffer(size * 2 + OFFSET))
      // What an earlier message left behind must not matter.
      memory.fill(0xa5)
      encoder.copyTo(memory, OFFSET)
      const received = decoder.decode(memory, OFFSET, size) as T
      // Nothing that arrived may refer to the memory it came in.
      memory.fill(0x5a)
      return received
    },
  }
}
