/** The same in the workers of an engine that belongs to the application. */
import './mark-child.js'
import { engineHandler } from '@multiproc/core'
import { backendOf } from './backend-of.js'

export default engineHandler(backendOf, false)
