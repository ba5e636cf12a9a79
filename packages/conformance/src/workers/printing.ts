import { type Queue, task } from '@multiproc/core'

export const printLines = task(import.meta, function printLines(name: string, lines: number, stream: 'stdout' | 'stderr') {
  const print = stream === 'stdout' ? console.log : console.error
  for (let n = 0; n < lines; n++) print(`${name} ${n}`)
  process.exit(0)
})

/** Says that it has come; prints when a program that does not wait for it would have ended. */
export const printLate = task(import.meta, function printLate(arrived: Queue, line: string) {
  arrived.putSync(line)
  setTimeout(() => console.log(line), 200)
})

/** Prints a line, and when told one that no pipe has room for; and exits at once. */
export const printMuch = task(import.meta, function printMuch(printed: Queue, go: Queue, letters: number) {
  console.log('child')
  printed.putSync('child')
  go.getSync()
  console.log('C'.repeat(letters))
  process.exit(0)
})
