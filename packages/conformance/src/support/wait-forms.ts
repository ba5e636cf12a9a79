import type { Context, SyncWaitOptions, Waitable } from '@multiproc/core'
import type { Form } from './forms.js'

/** `wait` or `waitSync`: for tests of what they have in common. */
export function waitIn(mp: Context, form: Form) {
  return <T extends Waitable>(things: Iterable<T>, options?: SyncWaitOptions): T[] | Promise<T[]> =>
    form === 'sync' ? mp.waitSync(things, options) : mp.wait(things, options)
}
