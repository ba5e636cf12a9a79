/** What the engine of a pool loads in its workers: its default export is called with each message. */
import './mark-child.js'
import { engineHandler } from '@multiproc/core'
import { backendOf } from './backend-of.js'

export default engineHandler(backendOf, true)
