import type {
  Connection,
  Context,
  Event,
  JoinableQueue,
  Lock,
  Queue,
  Semaphore,
  SharedArray,
  SharedList,
  SharedMap,
  SimpleQueue,
  Value,
} from '@multiproc/core'

/** One of each kind of shared object, in a state that the other side can recognise. */
export interface SharedKinds {
  readonly value: Value
  readonly bigValue: Value<bigint>
  readonly array: SharedArray<'float64'>
  readonly subarray: SharedArray<'int32'>
  readonly lock: Lock
  readonly rlock: Lock
  readonly valueLock: Lock
  readonly arrayLock: Lock
  readonly semaphore: Semaphore
  readonly bounded: Semaphore
  readonly event: Event
  readonly queue: Queue<unknown>
  readonly joinable: JoinableQueue<unknown>
  readonly simple: SimpleQueue<unknown>
  readonly connection: Connection<unknown>
  readonly map: SharedMap
  readonly list: SharedList
}

/** Makes one of each, and says what must be seen here once another agent has called {@link touchAll} on them. */
export function makeAll(mp: Context): { readonly things: SharedKinds; readonly problems: () => string[] } {
  const whole = new mp.Array('int32', [0, 1, 2, 3, 4])
  const [guarded, guardedArray] = [new mp.Value('int8', 5), new mp.Array('uint16', 3)]
  const [end, connection] = mp.Pipe<unknown>()
  const things: SharedKinds = {
    value: new mp.Value('int32', 1),
    bigValue: new mp.Value('int64', 2n ** 40n),
    array: new mp.Array('float64', [0.5, -0, 1e300]),
    subarray: whole.subarray(1, 4),
    lock: new mp.Lock(),
    rlock: new mp.RLock(),
    valueLock: guarded.lock as Lock,
    arrayLock: guardedArray.lock as Lock,
    semaphore: new mp.Semaphore(4),
    bounded: new mp.BoundedSemaphore(2),
    event: new mp.Event(),
    queue: new mp.Queue(3),
    joinable: new mp.JoinableQueue(3),
    simple: new mp.SimpleQueue(),
    connection,
    map: new mp.SharedMap([['from', 'the maker']]),
    list: new mp.SharedList(['from the maker']),
  }
  const held = [things.rlock, things.valueLock, things.arrayLock]
  for (const lock of [things.lock, ...held]) lock.acquireSync()
  for (const queue of [things.queue, things.joinable, things.simple]) queue.putSync('from the maker')
  end.sendSync('from the maker')
  const problems = () =>
    differences({
      value: [things.value.value, 2],
      bigValue: [things.bigValue.value, 2n ** 40n + 1n],
      array: [String([...things.array]), '0.5,7,1e+300'],
      subarray: [String([...whole]), '0,10,2,3,4'],
      lock: [things.lock.locked, false],
      semaphore: [things.semaphore.value, 7],
      bounded: [things.bounded.value, 1],
      event: [things.event.isSet, true],
      queue: [things.queue.tryGet(), 'from the other'],
      joinable: [things.joinable.tryGet(), 'from the other'],
      'joinable.taskDone': [finishes(things.joinable), true],
      simple: [things.simple.getSync(), 'from the other'],
      connection: [end.recvSync(), 'from the other'],
      map: [things.map.get('from'), 'the other'],
      list: [String([...things.list]), 'from the maker,from the other'],
      ...Object.fromEntries(held.map((lock, n) => [`re-entrant lock ${n}`, [releases(lock), true]])),
    })
  return { things, problems }
}

/** What an agent that got the objects of {@link makeAll} sees wrong in them. Leaves its mark on each. */
export function touchAll(things: SharedKinds): string[] {
  const { value, bigValue, array, subarray, lock, queue } = things
  const { rlock, valueLock, arrayLock, joinable, simple, connection, map, list } = things
  const { semaphore, bounded, event } = things
  const seen = differences({
    value: [value.add(1), 1],
    bigValue: [bigValue.add(1n), 2n ** 40n],
    array: [String([...array]), '0.5,0,1e+300'],
    'array[1]': [Object.is(array[1], -0), true],
    'array.length': [array.length, 3],
    'array instanceof': [array instanceof Float64Array && subarray instanceof Int32Array, true],
    subarray: [String([...subarray]), '1,2,3'],
    lock: [lock.locked, true],
    'lock.tryAcquire': [lock.tryAcquire(), undefined],
    'rlock.tryAcquire': [rlock.tryAcquire() ?? valueLock.tryAcquire() ?? arrayLock.tryAcquire(), undefined],
    semaphore: [semaphore.value, 4],
    'bounded.release': [isRefused(() => bounded.release()), true],
    'bounded.value': [bounded.value, 2],
    event: [event.isSet, false],
    'queue.maxsize': [queue.maxsize, 3],
    queue: [queue.tryGet(), 'from the maker'],
    joinable: [joinable.tryGet(), 'from the maker'],
    simple: [simple.getSync(), 'from the maker'],
    connection: [connection.recvSync(), 'from the maker'],
    map: [map.get('from'), 'the maker'],
    list: [list.get(0), 'from the maker'],
  })
  array[1] = 7
  subarray[0] = 10
  lock.release()
  semaphore.release(3)
  bounded.tryAcquire()
  event.set()
  for (const one of [queue, joinable, simple]) one.putSync('from the other')
  joinable.taskDone()
  connection.sendSync('from the other')
  map.set('from', 'the other')
  list.push('from the other')
  return seen
}

function isRefused(call: () => void): boolean {
  try {
    call()
    return false
  } catch {
    return true
  }
}

/** Whether this agent held it, which it does no more. */
function releases(lock: Lock): boolean {
  lock.release()
  return !lock.locked
}

/** Whether exactly one of its items was unfinished. */
function finishes(queue: JoinableQueue): boolean {
  queue.taskDone()
  queue.joinSync({ timeout: 0 })
  return true
}

function differences(comparisons: Record<string, readonly unknown[]>): string[] {
  return Object.entries(comparisons)
    .filter(([, [seen, wanted]]) => !Object.is(seen, wanted))
    .map(([what, [seen, wanted]]) => `${what} is ${String(seen)} and not ${String(wanted)}`)
}

/** Shared objects in every container that can hold them. */
export interface Nested {
  readonly plain: { readonly deep: readonly [Value, { readonly big: Value<bigint> }]; readonly event: Event }
  readonly map: Map<string, readonly [SharedKinds['array'], Map<string, SharedKinds['subarray']>]>
  readonly keys: Map<Lock, string>
  readonly set: Set<readonly [Lock, Set<Lock>]>
  readonly semaphores: readonly [Set<Semaphore>, Map<Semaphore, null>]
  readonly sparse: readonly (Lock | Queue | Connection | undefined)[]
  readonly queues: readonly [JoinableQueue, { readonly simple: SimpleQueue }]
  readonly collections: ReadonlyMap<string, SharedMap | readonly SharedList[]>
}

/** Puts the objects into containers. */
export function nest(things: SharedKinds): Nested {
  const sparse: (Lock | Queue | Connection | undefined)[] = []
  sparse[3] = things.arrayLock
  sparse[7] = things.queue
  sparse[9] = things.connection
  return {
    plain: { deep: [things.value, { big: things.bigValue }], event: things.event },
    map: new Map([['arrays', [things.array, new Map([['part', things.subarray]])]]]),
    keys: new Map([[things.lock, 'as a key']]),
    set: new Set([[things.rlock, new Set([things.valueLock])]]),
    semaphores: [new Set([things.semaphore]), new Map([[things.bounded, null]])],
    sparse,
    queues: [things.joinable, { simple: things.simple }],
    collections: new Map<string, SharedMap | readonly SharedList[]>([
      ['map', things.map],
      ['list', [things.list]],
    ]),
  }
}

/** Takes them out again. */
export function unnest({ plain, map, keys, set, semaphores, sparse, queues, collections }: Nested): SharedKinds {
  const [value, { big: bigValue }] = plain.deep
  const [array, parts] = map.get('arrays') as [SharedKinds['array'], Map<string, SharedKinds['subarray']>]
  const [[rlock, locks]] = [...set] as [readonly [Lock, Set<Lock>]]
  return {
    value,
    bigValue,
    array,
    subarray: parts.get('part') as SharedKinds['subarray'],
    lock: [...keys.keys()][0] as Lock,
    rlock,
    valueLock: [...locks][0] as Lock,
    arrayLock: sparse[3] as Lock,
    semaphore: [...semaphores[0]][0] as Semaphore,
    bounded: [...semaphores[1].keys()][0] as Semaphore,
    event: plain.event,
    queue: sparse[7] as Queue,
    joinable: queues[0],
    simple: queues[1].simple,
    connection: sparse[9] as Connection,
    map: collections.get('map') as SharedMap,
    list: (collections.get('list') as readonly [SharedList])[0],
  }
}
