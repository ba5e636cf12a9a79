import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import type { Exit } from '../src/backend.js'
import { ThreadChild } from '../src/process/thread-child.js'

test.for([
  [undefined, 0, { code: 0 }],
  [undefined, 3, { code: 3 }],
  ['too little memory', 1, { code: 1, error: 'too little memory' }],
  // As Node says of one that it gives up at its start.
  ['too little memory', 0, { code: 1, error: 'too little memory' }],
] as const)('a thread that ends with the error %s and the code %s', ([error, code, expected]) => {
  const worker = new EventEmitter()
  const exits: Exit[] = []
  new ThreadChild(worker as Worker, (exit) => exits.push(exit))
  if (error !== undefined) worker.emit('error', error)
  worker.emit('exit', code)
  expect(exits).toEqual([expected])
})
