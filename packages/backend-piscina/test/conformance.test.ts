import { piscina } from '@multiproc/backend-piscina'
import { conformance } from '@multiproc/conformance'

conformance('piscina', { backend: () => piscina() })
