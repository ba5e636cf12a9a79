/**
 * Where agents forget. Production's source gains calls that tell the explorer so and change nothing: without them it would tell apart all the histories that
 * lead an agent to the same point in the same state, and end later, with the same findings (a test compares).
 */

/** Functions that keep nothing in their agent: when they have returned, their result is all that is left. */
const RETURNING: Readonly<Record<string, readonly string[]>> = {
  'sync/waitlist.ts': ['enlist', 'wake'],
  'sync/mutex.ts': ['tryLock', 'unlock', 'tryLockSlow'],
  'sync/lock-now.ts': ['lockNow'],
}

/** Generators whose endless loop begins each round with nothing but the variables declared before it. */
const LOOPING: Readonly<Record<string, readonly string[]>> = {
  'sync/mutex.ts': ['lockSlow'],
  'queue/ring.ts': ['offerSlow', 'takeSlow'],
}

/** @throws where the source has no longer the shape that this relies on */
export function withCuts(file: string, source: string): string {
  let result = source
  for (const name of LOOPING[file] ?? []) {
    // The signature, what is declared before the loop, the loop's head.
    const shape = new RegExp(`(\\*\\s*${name}\\([^{]*\\{\\n)((?:(?!\\n  ?\\}\\n)[^])*?)(for \\(;;\\) \\{\\n)`)
    const match = shape.exec(result)
    if (!match) throw new Error(`${file}: ${name}() has no endless loop any more; see the explorer's cuts.ts`)
    const [whole, signature, before, head] = match as unknown as [string, string, string, string]
    const variables = [...before.matchAll(/\blet (\w+)/g)].map(([, variable]) => `, ${variable}`).join('')
    const marked = `${signature}const explorerMark = explorer.mark();${before}${head}explorer.cut(explorerMark, '${name}'${variables});`
    result = result.replace(whole, () => marked)
  }
  for (const name of RETURNING[file] ?? []) {
    if (!result.includes(`export function ${name}(`))
      throw new Error(`${file} exports no ${name}() any more; see the explorer's cuts.ts`)
    result += `\n${name} = explorer.returning('${name}', ${name});`
  }
  return result
}
