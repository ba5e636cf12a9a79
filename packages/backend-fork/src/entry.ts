/** What a new process runs first. */
import './mark-child.js'
import { startChild } from '@multiproc/core'
import { blockOutput } from './blocking-output.js'
import { fork } from './fork.js'
import { LIFELINE_FD, readBoot } from './launcher.js'
import { MmapMemory } from './mmap-memory.js'
import { system } from './system.js'

system().endWith(LIFELINE_FD)
const { told, file } = readBoot()
const memory = MmapMemory.attach(system(), file)
blockOutput()
startChild(fork(told.options), memory, told.boot, process.pid)
