#!/usr/bin/env node
/**
 * Every use of turbo in this repository goes through here: turbo has no setting that turns its telemetry off, only these
 * variables, and a variable before a command is written differently on Windows.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const turbo = createRequire(import.meta.url).resolve('turbo/bin/turbo')

/**
 * Runs turbo at the root of the repository, with its output passed through.
 * @param {string[]} args what follows `turbo` on a command line
 * @returns {number} its exit code, 1 where a signal ended it
 */
export function turboSync(...args) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const { status, error } = spawnSync(process.execPath, [turbo, ...args], { cwd: root, env, stdio: 'inherit' })
  if (error) throw error
  return status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = turboSync(...process.argv.slice(2))
