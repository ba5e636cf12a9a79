import { ACCOUNTS, type Board, Mark, Note, words } from './board.js'

/**
 * When all processes have ended: empties the queues and compares every item's fate with what the victims were doing as they died.
 * @param victims how many died at what, as `'getting 0'`
 * @returns how many items died with their consumers, and whatever cannot be explained by the deaths
 */
export function settle(
  board: Board,
  victims: ReadonlyMap<string, number>,
): { readonly taken: number; readonly problems: string[] } {
  const problems: string[] = []
  board.queues.forEach((queue, n) => {
    const last = new Map<number, number>()
    for (let item = queue.tryGet(); item; item = queue.tryGet()) {
      board.marks[item.id] = (board.marks[item.id] as number) + Mark.got
      if (item.n <= (last.get(item.life) ?? -1)) problems.push(`item ${item.n} of life ${item.life} was out of order in the end`)
      last.set(item.life, item.n)
    }
    if (!queue.empty || queue.size !== 0) problems.push(`queue ${n} has size ${queue.size} when it is empty`)
  })
  let [lost, extra, doubled] = [0, 0, 0]
  for (const mark of board.marks.subarray(0, Math.min(board.items.value, board.marks.length))) {
    const times = Math.floor(mark / Mark.got)
    if (times > 1) doubled++
    if (times === 0 && mark & Mark.put) lost++
    if (times > 0 && !(mark & Mark.put)) extra++
  }
  const died = (...doing: string[]) => doing.reduce((sum, what) => sum + (victims.get(what) ?? 0), 0)
  const [getters, putters] = [died('getting 0', 'getting 1'), died('putting 0', 'putting 1')]
  if (doubled > 0) problems.push(`${doubled} items were delivered twice`)
  if (lost > getters) problems.push(`${lost} items were lost, and only ${getters} consumers died getting one`)
  if (extra > putters)
    problems.push(`${extra} items came whose put did not end well, and only ${putters} producers died putting one`)
  board.locks.forEach((lock, n) => {
    const notes = words(board.notes[n as 0 | 1])
    const guard = lock.recoverSync({ timeout: 10_000 })
    const sum = notes.subarray(Note.accounts, Note.accounts + ACCOUNTS).reduce((all, one) => all + one, 0)
    if (notes[Note.pending] === 0 && sum !== 0) problems.push(`the accounts under lock ${n} add up to ${sum} instead of 0`)
    if (notes[Note.inside] !== 0 && !guard.ownerDied) problems.push(`the last holder of lock ${n} died, and nobody was told`)
    guard.release()
  })
  const guard = board.condition.tryAcquire()
  if (!guard) problems.push('the lock of the condition, which recovers by itself, could not be had')
  guard?.release()
  if (board.tokens.value < 0) problems.push(`there are ${board.tokens.value} tokens: some were taken twice`)
  return { taken: lost, problems }
}
