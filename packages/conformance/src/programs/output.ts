/** Two children print as many lines as told, and exit at once. */
import { isMainProcess } from '@multiproc/core'
import { printLines } from '../workers/printing.js'
import { importBackend } from './backend.js'

if (isMainProcess) {
  const mp = await importBackend()
  const lines = Number(process.argv[2])
  const stream = process.argv[3] === 'stderr' ? 'stderr' : 'stdout'
  const two = ['one', 'two'].map((name) => new mp.Process({ target: printLines, args: [name, lines, stream] }).start())
  const codes = await Promise.all(two.map((one) => one.join()))
  console.log('main done')
  process.exitCode = codes.find((code) => code !== 0) ?? 0
}
