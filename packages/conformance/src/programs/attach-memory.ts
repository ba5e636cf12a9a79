/** A program of its own, which did not start whoever made the memory: attaches by name, adds 1 to every byte, and prints what was there. */
import { importBackend } from './backend.js'

const mp = await importBackend()
const [name, create] = process.argv.slice(2) as [string, string | undefined]
const shared = new mp.SharedMemory(create ? { name, create: true, size: Number(create) } : { name })
console.log(shared.size, shared.buf.join(' '))
for (const [n, byte] of shared.buf.entries()) shared.buf[n] = byte + 1
// Neither closed nor unlinked: it ends as programs end.
