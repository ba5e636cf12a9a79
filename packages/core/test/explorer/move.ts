/**
 * One thing that can happen next, packed: which agent, which of {@link Kind}, whether it will happen if nothing else does, and which of several results
 * it has. A number, because there are millions.
 */
export type Move = number
export const Kind = { step: 0, late: 1, timeout: 2, spurious: 3, tick: 4, die: 5 } as const
export type Kind = (typeof Kind)[keyof typeof Kind]
const SURE = 0x800
export const moveOf = (agent: number, kind: Kind, sure: boolean, pick: number): Move =>
  agent | (kind << 8) | (sure ? SURE : 0) | (pick << 12)
export const agentOf = (move: Move): number => move & 0xff
export const isSure = (move: Move): boolean => (move & SURE) !== 0
export const isDeath = (move: Move): boolean => kindOf(move) === Kind.die
export const kindOf = (move: Move): number => (move >> 8) & 7
export const pickOf = (move: Move): number => move >> 12
