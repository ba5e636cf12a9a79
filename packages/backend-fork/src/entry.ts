/** What a new process runs first. */
import './mark-child.js'
import { startChild } from '@multiproc/core'
import { blockOutput } from './blocking-output.js'
import { fork } from './fork.js'
import { readBoot } from './launcher.js'
import { MmapMemory } from './mmap-memory.js'
import { system } from './system.js'

const { told, memory } = readBoot()
system().endWith(told.parent)
blockOutput()
startChild(fork(told.options), MmapMemory.attach(system(), memory), told.boot, process.pid)
