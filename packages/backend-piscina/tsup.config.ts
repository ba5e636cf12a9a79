import { commonjsFirst } from '../../tsup.base.ts'

export default commonjsFirst(
  {
    index: 'src/index.ts',
    tinypool: 'src/on-tinypool.ts',
    'pool-entry': 'src/pool-entry.ts',
    'guest-entry': 'src/guest-entry.ts',
    'process-entry': 'src/process-entry.ts',
  },
  ['index', 'tinypool'],
)
