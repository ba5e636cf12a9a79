/** Numbers as people read them. */

/** 1234567 → `1,234,567`. */
export function count(n: number): string {
  return n.toLocaleString('en', { maximumFractionDigits: 0 })
}

/** Three digits and a unit: 1234567 → `1.23 M`. */
export function brief(n: number): string {
  if (n >= 999.5e6) return `${digits(n / 1e9)} G`
  if (n >= 999.5e3) return `${digits(n / 1e6)} M`
  if (n >= 9995) return `${digits(n / 1e3)} k`
  return count(n)
}

export function megabytes(bytes: number): string {
  return `${digits(bytes / 1e6)} MB`
}

/** Of milliseconds. */
export function duration(ms: number): string {
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`
}

/** At most three digits that mean something, those before the point aside. */
function digits(n: number): string {
  return n.toFixed(n < 9.995 ? 2 : n < 99.95 ? 1 : 0)
}
