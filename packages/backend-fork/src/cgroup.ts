import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Bytes that this process's control group, and those above it, have left; `Infinity` where nothing limits them. What files in the page cache take is left, too: the kernel
 * gives it up before it kills. (Node's `process.availableMemory()` counts it as taken, and so would refuse what can be had.)
 *
 * Format: kernel documentation, "Control Group v2" (memory.max, memory.current, memory.stat) and "Memory Resource Controller" (v1).
 */
export function leftInCgroup(): number {
  if (isUnlimited) return Number.POSITIVE_INFINITY
  const left = leftNow()
  // Looked at once where nothing limits it: reading takes longer than what it guards.
  isUnlimited = left === Number.POSITIVE_INFINITY
  return left
}

let isUnlimited = false

function leftNow(): number {
  const group = groupOf()
  if (!group) return Number.POSITIVE_INFINITY
  let left = Number.POSITIVE_INFINITY
  for (let path = group.path; ; path = dirname(path)) {
    left = Math.min(left, leftIn(join(group.root, path), group.files))
    if (path === '/' || path === '.') return left
  }
}

/** A sixteenth of a limit is not given out as shared memory: what processes need for themselves next, they get killed for and not refused. */
const SHARE_KEPT = 16

interface Files {
  readonly limit: string
  readonly usage: string
  /** Keys of memory.stat. Shared memory is on the list of anonymous pages and not on these. */
  readonly cached: readonly string[]
}

const V2: Files = { limit: 'memory.max', usage: 'memory.current', cached: ['inactive_file', 'active_file'] }
const V1: Files = {
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  cached: ['total_inactive_file', 'total_active_file'],
}

/** Where its files are: in a container, at the root of what is mounted there, whatever the path says. */
function groupOf(): { readonly root: string; readonly path: string; readonly files: Files } | undefined {
  for (const line of read('/proc/self/cgroup').split('\n')) {
    const [, controllers, path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined) continue
    if (controllers.split(',').includes('memory')) return { root: '/sys/fs/cgroup/memory', path, files: V1 }
    if (controllers === '' && read(join('/sys/fs/cgroup', path, V2.limit)) !== '')
      return { root: '/sys/fs/cgroup', path, files: V2 }
  }
  return read('/sys/fs/cgroup/memory.max') === '' ? undefined : { root: '/sys/fs/cgroup', path: '/', files: V2 }
}

function leftIn(folder: string, { limit, usage, cached }: Files): number {
  const most = Number.parseInt(read(join(folder, limit)), 10)
  // "max", no such file, or v1's word for none: the largest page-aligned number.
  if (!(most < 2 ** 60)) return Number.POSITIVE_INFINITY
  const stat = read(join(folder, 'memory.stat'))
  const files = cached.map((key) => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0))
  const used = Number.parseInt(read(join(folder, usage)), 10) - files.reduce((sum, bytes) => sum + bytes, 0)
  return most - used - most / SHARE_KEPT
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
