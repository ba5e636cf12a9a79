import { fork } from '@multiproc/backend-fork'
import { conformance } from '@multiproc/conformance'

conformance('fork', { backend: () => fork() })
