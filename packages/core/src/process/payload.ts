import type { TargetDescription } from '../target/describe.js'

/** What a child is told when it starts; encoded by the agent's codec. */
export interface Payload {
  readonly name: string
  readonly daemon: boolean
  readonly parent: { readonly name: string; readonly pid: number; readonly tag: number; readonly daemon: boolean }
  /** Run the target once; or serve a pool: then the target is its initializer. */
  readonly role: 'process' | 'pool'
  readonly target: TargetDescription | undefined
  /** The encoded arguments: on their own, so that errors name paths within them. */
  readonly args: Uint8Array
}
