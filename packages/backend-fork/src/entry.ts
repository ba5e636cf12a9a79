/** What a new process runs first. */
import './mark-child.js'
import { startChild } from '@multiproc/core'
import { blockOutput } from './blocking-output.js'
import { fork } from './fork.js'
import { readBoot } from './launcher.js'
import { MmapMemory } from './mmap-memory.js'
import { system } from './system.js'

const { told, file } = readBoot()
const { parent } = told
system().endWith(parent.pid)
const memory = MmapMemory.attach(system(), file)
// The thread that started it may have ended before, and its process live on.
if (!memory.isAlive(parent.life)) process.kill(process.pid, 'SIGKILL')
blockOutput()
startChild(fork(told.options), memory, told.boot, process.pid)
