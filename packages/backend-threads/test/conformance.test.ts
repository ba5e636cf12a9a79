import { threads } from '@multiproc/backend-threads'
import { conformance } from '@multiproc/conformance'

conformance('threads', { backend: () => threads() })
