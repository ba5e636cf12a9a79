import { tinypool } from '@multiproc/backend-piscina/tinypool'
import { conformance } from '@multiproc/conformance'

conformance('tinypool', { backend: () => tinypool() })
