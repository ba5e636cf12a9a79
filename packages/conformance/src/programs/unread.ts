/** The program and a child of it print more than there is room for, before anybody reads; the program's first line comes before the child's, or after it. */
import { isMainProcess } from '@multiproc/core'
import { printMuch } from '../workers/printing.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const [order, letters] = [process.argv[2], Number(process.argv[3])]
  const [printed, go] = [new mp.Queue(), new mp.Queue()]
  if (order === 'before') process.stdout.write('main\n')
  const child = new mp.Process({ target: printMuch, args: [printed, go, letters] }).start()
  await printed.get()
  if (order === 'after') process.stdout.write('main\n')
  process.stdout.write(`${'P'.repeat(letters)}\n`)
  setImmediate(() => process.stderr.write('event loop turns\n'))
  await go.put('go')
  process.exitCode = await child.join()
}
