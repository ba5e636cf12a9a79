import { stdout } from 'node:process'

/** No colours where nobody sees them, or where they are not wanted (https://no-color.org). */
const coloured = stdout.isTTY === true && !process.env.NO_COLOR

const sgr = (on: number, off: number) => (text: string) => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text)

export const bold = sgr(1, 22)
export const dim = sgr(2, 22)
export const red = sgr(31, 39)
export const green = sgr(32, 39)
export const yellow = sgr(33, 39)
