import type { Suite } from '../suite.js'
import { concurrent } from './shared-collections/concurrent.js'
import { death } from './shared-collections/death.js'
import { list } from './shared-collections/list.js'
import { map } from './shared-collections/map.js'
import { memory } from './shared-collections/memory.js'
import { update } from './shared-collections/update.js'
import { values } from './shared-collections/values.js'

/** SharedMap and SharedList: collections that every agent reads and writes, whatever becomes of the others. */
export function sharedCollections(suite: Suite): void {
  suite.group('SharedMap', () => map(suite))
  suite.group('SharedList', () => list(suite))
  suite.group('values', () => values(suite))
  suite.group('update', () => update(suite))
  suite.group('many at once', () => concurrent(suite))
  suite.group('memory', () => memory(suite))
  suite.group('death', () => death(suite))
}
