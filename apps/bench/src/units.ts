import type { Unit } from './benchmark.js'

/** A figure with as many digits as mean something. */
export function shown(figure: number, unit: Unit): string {
  switch (unit) {
    case 'efficiency':
      return figure.toFixed(3)
    case '/s':
      if (figure >= 1e6) return `${digits(figure / 1e6)} M/s`
      if (figure >= 1e3) return `${digits(figure / 1e3)} k/s`
      return `${digits(figure)} /s`
    default:
      return `${digits(figure)} ${unit}`
  }
}

function digits(figure: number): string {
  if (figure >= 100) return Math.round(figure).toLocaleString('en-US')
  return figure.toFixed(figure >= 10 ? 1 : 2)
}
