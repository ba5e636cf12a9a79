/** What a new process runs first. */
import './mark-child.js'
import { printDirectly, startChild } from '@multiproc/core'
import { fork } from './fork.js'
import { LIFELINE_FD, readBoot } from './launcher.js'
import { MmapMemory } from './mmap-memory.js'
import { system } from './system.js'

system().endWith(LIFELINE_FD)
const { told, file } = readBoot()
const memory = MmapMemory.attach(system(), file, told)
printDirectly()
startChild(fork(told.options), memory, told.boot, process.pid)
