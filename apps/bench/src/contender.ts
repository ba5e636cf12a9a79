/**
 * The process of one contender: `node contender.js BENCHMARK CONTENDER SCALE`, the scale as JSON. Prints its figures as JSON, in one line, the last.
 */

import type { Scale } from './benchmark.js'
import { loadBenchmark } from './benchmarks/index.js'

const [name = '', contender = '', scale = '{}'] = process.argv.slice(2)
const benchmark = await loadBenchmark(name)
const run = benchmark.contenders[contender]
if (!run) throw new RangeError(`${name} has no contender ${JSON.stringify(contender)}`)
// Some pools let go of the event loop while a call is pending.
const awake = setInterval(() => {}, 2 ** 30)
const figures = await run(JSON.parse(scale) as Scale)
clearInterval(awake)
process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => {
  // Some libraries leave a timer or a worker behind after their close.
  process.exit()
})
