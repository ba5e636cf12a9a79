/**
 * Everything about `value` that a receiver can see, as text: kinds, prototypes, contents in order, and which places hold the same object. Two values
 * of the same text are the same data. (`deepStrictEqual` looks neither at identity nor at the order in Maps and Sets.)
 */
export function canon(value: unknown): string {
  const numbers = new Map<object, number>()
  const lines: string[] = []
  const queue: object[] = []

  function leaf(v: unknown): string {
    if (typeof v === 'object' && v !== null) {
      let number = numbers.get(v)
      if (number === undefined) {
        number = numbers.size
        numbers.set(v, number)
        queue.push(v)
      }
      return `#${number}`
    }
    if (typeof v === 'string') return JSON.stringify(v)
    return Object.is(v, -0) ? '-0' : typeof v === 'bigint' ? `${v}n` : String(v)
  }

  function content(o: object): string {
    if (o instanceof Map) return [...o].map(([k, v]) => `${leaf(k)}=>${leaf(v)}`).join()
    if (o instanceof Set) return [...o].map(leaf).join()
    if (o instanceof Date) return String(o.getTime())
    if (o instanceof RegExp) return `${o} ${o.lastIndex}`
    if (o instanceof ArrayBuffer) return `${o.resizable} ${o.maxByteLength} ${Buffer.from(o).toString('latin1')}`
    if (ArrayBuffer.isView(o)) return `${leaf(o.buffer)} ${o.byteOffset} ${o.byteLength}`
    if (o instanceof Number || o instanceof String || o instanceof Boolean || o instanceof BigInt) return leaf(o.valueOf())
    const length = Array.isArray(o) ? `${o.length} ` : ''
    return (
      length +
      Object.entries(o)
        .map(([k, v]) => `${JSON.stringify(k)}:${leaf(v)}`)
        .join()
    )
  }

  lines.push(leaf(value))
  for (const o of queue)
    lines.push(`${Object.prototype.toString.call(o)} ${Object.getPrototypeOf(o)?.constructor.name} ${content(o)}`)
  return lines.join('\n')
}
