import type { Suite } from '../suite.js'
import { closing } from './pipe/closing.js'
import { death } from './pipe/death.js'
import { messages } from './pipe/messages.js'
import { polling } from './pipe/polling.js'
import { refusal } from './pipe/refusal.js'
import { traffic } from './pipe/traffic.js'
import { waiting } from './pipe/waiting.js'

/** Pipe: two connected ends, whole messages in order, and nobody waits for one who is gone. */
export function pipe(suite: Suite): void {
  suite.group('messages', () => messages(suite))
  suite.group('waiting', () => waiting(suite))
  suite.group('polling', () => polling(suite))
  suite.group('closing', () => closing(suite))
  suite.group('refusal', () => refusal(suite))
  suite.group('death', () => death(suite))
  suite.group('traffic', () => traffic(suite))
}
