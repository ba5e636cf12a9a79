/**
 * Where a function was written, asked of V8 through the inspector: no API of Node's tells it.
 *
 * A session of our own, open only while asking, works in worker threads and beside an attached debugger. Listing an agent's
 * scripts costs 2–5 ms (34–49 under vitest); each is listed once.
 */
import type { Session } from 'node:inspector'
import { createRequire, SourceMap } from 'node:module'
import { basename, isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place in a file of the user's; lines and columns count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface FunctionLocation extends Position {
  /** Absolute path. */
  readonly file: string
  /** A run-time compiler made what is run from `file`; agents that load `file` map the lines of whatever bears its name. */
  readonly compiled: boolean
  /** The position of the character at `index` of the function's source text. */
  at(index: number): Position
}

interface Script {
  readonly file: string
  readonly map: SourceMap | undefined
}

interface ScriptPosition {
  readonly scriptId: string
  /** From 0, as the inspector and source maps count. */
  readonly lineNumber: number
  readonly columnNumber: number
}

const scripts = new Map<string, Script | undefined>()
const SUBJECT = Symbol.for('multiproc.located-function')

/**
 * @param source the function's source text
 * @param anchor index into `source` of the place that V8 takes for the function's beginning
 * @returns undefined where it is in no file (`eval`), or this Node has no inspector
 */
export function locateFunction(fn: object, source: string, anchor: number): FunctionLocation | undefined {
  let session: Session | undefined
  try {
    session = openSession()
    const position = positionOf(session, fn)
    if (!position) return undefined
    if (!scripts.has(position.scriptId)) listScripts(session)
    const script = scripts.get(position.scriptId)
    if (!script) return undefined
    const at = (index: number) => mapped(script, advance(position, source, anchor, index))
    return { file: script.file, compiled: script.map !== undefined, ...at(0), at }
  } catch {
    // Built without an inspector, or forbidden by the permission model: a message is less precise for it, nothing else.
    return undefined
  } finally {
    session?.disconnect()
  }
}

function openSession(): Session {
  // By require, for a static import of node:inspector fails where Node is built without it.
  const inspector = createRequire(process.execPath)('node:inspector') as typeof import('node:inspector')
  const session = new inspector.Session()
  session.connect()
  return session
}

/** Commands of this kind are answered before `post` returns. */
function ask<T>(session: Session, method: string, params: object = {}): T {
  let answer: T | undefined
  let failure: Error | null = null
  session.post(method, params, (error, result) => {
    failure = error
    answer = result as T
  })
  if (failure) throw failure
  return answer as T
}

function positionOf(session: Session, fn: object): ScriptPosition | undefined {
  const holder = globalThis as { [SUBJECT]?: object }
  holder[SUBJECT] = fn
  try {
    const expression = `globalThis[Symbol.for(${JSON.stringify(SUBJECT.description)})]`
    const { result } = ask<{ result: { objectId: string } }>(session, 'Runtime.evaluate', { expression, silent: true })
    const { internalProperties } = ask<{ internalProperties: { name: string; value?: { value: ScriptPosition } }[] }>(
      session,
      'Runtime.getProperties',
      { objectId: result.objectId, ownProperties: true },
    )
    return internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value
  } finally {
    delete holder[SUBJECT]
  }
}

function listScripts(session: Session): void {
  session.on('Debugger.scriptParsed', ({ params }) => {
    const { scriptId, url, sourceMapURL } = params
    if (!scripts.has(scriptId)) scripts.set(scriptId, toScript(url, sourceMapURL))
  })
  ask(session, 'Debugger.enable')
}

function toScript(url: string, sourceMapURL: string | undefined): Script | undefined {
  const file = url.startsWith('file:') ? fileURLToPath(url) : isAbsolute(url) ? url : undefined
  if (file === undefined) return undefined
  let map: SourceMap | undefined
  // Run-time compilers (tsx, vitest) inline their maps. A map in a file of its own comes with built code, whose own lines
  // are those of the file that is run.
  return {
    file,
    get map() {
      map ??= readInlineMap(sourceMapURL)
      return map
    },
  }
}

function readInlineMap(url: string | undefined): SourceMap | undefined {
  const data = url && /^data:application\/json[^,]*;base64,(.*)$/s.exec(url)?.[1]
  return data ? new SourceMap(JSON.parse(Buffer.from(data, 'base64').toString())) : undefined
}

function advance(from: ScriptPosition, source: string, anchor: number, index: number): ScriptPosition {
  const [low, high] = anchor < index ? [anchor, index] : [index, anchor]
  const between = source.slice(low, high).split('\n')
  const lines = between.length - 1
  if (anchor > index) {
    const lineNumber = from.lineNumber - lines
    const columnNumber = lines === 0 ? from.columnNumber - (anchor - index) : 0
    return { ...from, lineNumber, columnNumber }
  }
  const columnNumber = lines === 0 ? from.columnNumber + (index - anchor) : (between.at(-1)?.length ?? 0)
  return { ...from, lineNumber: from.lineNumber + lines, columnNumber }
}

function mapped({ file, map }: Script, { lineNumber, columnNumber }: ScriptPosition): Position {
  const entry = map?.findEntry(lineNumber, columnNumber)
  // A bundle's map leads to another file than the one that is run and imported from: then the bundle's own lines it is.
  if (entry && 'originalLine' in entry && entry.originalSource && basename(entry.originalSource) === basename(file)) {
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  }
  return { line: lineNumber + 1, column: columnNumber + 1 }
}
