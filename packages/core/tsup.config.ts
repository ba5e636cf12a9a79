import { commonjsFirst } from '../../tsup.base.ts'

export default commonjsFirst({ index: 'src/index.ts', 'shared-code': 'src/shared-code.ts' })
