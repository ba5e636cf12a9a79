/** What a worker thread runs first. */
import './mark-child.js'
import { threadId, workerData } from 'node:worker_threads'
import { printDirectly, SabMemory, startChild } from '@multiproc/core'
import type { ThreadData } from './launcher.js'
import { threads } from './threads.js'

const { segments, boot, options } = workerData as ThreadData
if (options.stdio !== 'pipe') printDirectly()
startChild(threads(options), SabMemory.attach(segments), boot, threadId)
