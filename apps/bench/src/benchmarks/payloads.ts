/** What is sent through queues and ports. */
export interface Payload {
  readonly name: string
  readonly title: string
  /** How many make one figure. */
  readonly count: number
  readonly bytes?: number
  /** The item of one number. */
  make(number: number): Item
}

export type Item = number | Uint8Array | { readonly id: number; readonly name: string; readonly done: boolean }

/** What an item adds to the sum that both sides must agree on. */
export function weight(item: Item): number {
  return typeof item === 'number' ? item : 'id' in item ? item.id : item.length
}

const payloads: readonly Payload[] = [
  { name: 'int', title: 'small integers', count: 1_000_000, make: (number) => number & 1023 },
  {
    name: 'object',
    title: 'objects of three fields',
    count: 400_000,
    make: (number) => ({ id: number & 1023, name: 'a job', done: (number & 1) === 0 }),
  },
  bytes('1KiB', 1024, 200_000),
  bytes('64KiB', 65_536, 8_000),
  bytes('1MiB', 1_048_576, 400),
]

/** @throws RangeError for an unknown name */
export function payloadOf(name: string): Payload {
  const payload = payloads.find((one) => one.name === name)
  if (!payload) throw new RangeError(`no payload is called ${JSON.stringify(name)}`)
  return payload
}

function bytes(name: string, size: number, count: number): Payload {
  const block = new Uint8Array(size).fill(7)
  return { name, title: `Uint8Arrays of ${name.replace(/(\d+)/, '$1 ')}`, count, bytes: size, make: () => block }
}
