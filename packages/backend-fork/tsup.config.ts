import { commonjsFirst } from '../../tsup.base.ts'

export default commonjsFirst({ index: 'src/index.ts', entry: 'src/entry.ts' })
