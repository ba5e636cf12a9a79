/** Empties the `dist` of the package it is run in, so that nothing built from a file that is gone can be packed. */
import { rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
