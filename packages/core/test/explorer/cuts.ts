/**
 * Where agents forget. Production's source gains calls that tell the explorer so and change nothing: without them it would tell apart all the histories that
 * lead an agent to the same point in the same state, and end later, with the same findings (a test compares).
 */

/** Modules whose functions keep nothing in their agent: when one has returned, its result is all that is left of it. */
const FORGETFUL = ['sync/waitlist.ts', 'sync/mutex.ts', 'sync/permits.ts', 'sync/lock-now.ts', 'sync/spin.ts']

/** Methods whose endless loop begins each round with nothing but the variables declared before it. */
const LOOPING: Readonly<Record<string, readonly string[]>> = {
  'queue/ring.ts': ['offerSlow', 'takeSlow'],
  'sync/event.ts': ['#waitSlow'],
  'sync/wait-set.ts': ['sleep'],
}

/** @throws where the source has no longer the shape that this relies on */
export function withCuts(file: string, source: string): string {
  if (FORGETFUL.includes(file)) return withForgetfulFunctions(source)
  let result = source
  for (const name of LOOPING[file] ?? []) {
    const start = result.indexOf(`  *${name}(`)
    const end = result.indexOf('\n  }\n', start)
    if (start < 0 || end < 0) throw new Error(`${file} has no *${name}() any more; see the explorer's cuts.ts`)
    const body = result.slice(start, end)
    const marked = withForgetfulLoop(name, body)
    if (marked === body) throw new Error(`${file}: *${name}() has no endless loop any more; see the explorer's cuts.ts`)
    result = result.slice(0, start) + marked + result.slice(end)
  }
  return result
}

function withForgetfulFunctions(source: string): string {
  let wrapped = ''
  const marked = source.replace(
    /^(?:export )?function(\*?) (\w+)\([\s\S]*?^\}$/gm,
    (body: string, star: string, name: string) => {
      // A generator's return is not the end of what its driver remembers.
      if (star === '') wrapped += `\n${name} = explorer.returning('${name}', ${name});`
      return withForgetfulLoop(name, body)
    },
  )
  return marked + wrapped
}

/** In each round of a loop all that matters is what was before the function began, and its variables as they are then. */
function withForgetfulLoop(name: string, body: string): string {
  return body.replace(
    /^([\s\S]*?\{\n)([\s\S]*?)^( *for \((?:let (\w+)[^\n]*)?;[^\n]*\{\n)/m,
    (_, signature: string, before: string, head: string, loopVariable: string | undefined) => {
      const names = [
        ...parametersOf(signature),
        ...[...before.matchAll(/\b(?:let|const) (\w+)/g)].map(([, variable]) => variable),
      ]
      if (loopVariable) names.push(loopVariable)
      return `${signature}const explorerMark = explorer.mark();${before}${head}explorer.cut(explorerMark, '${name}', ${names.join()});`
    },
  )
}

/** The names of a function's parameters; those of a parameter's own type (`(number: number) => boolean`) are none of them. */
function parametersOf(signature: string): string[] {
  const names: string[] = []
  let depth = 0
  for (const [token, name] of signature.matchAll(/[({[]|[)}\]]|(\w+)\??: /g)) {
    if (name !== undefined) {
      if (depth === 1) names.push(name)
    } else if ('({['.includes(token)) depth++
    else depth--
    // Behind the list is the type of the result.
    if (depth === 0) break
  }
  return names
}
