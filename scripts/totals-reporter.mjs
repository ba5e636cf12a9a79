/** A vitest reporter that tells the process which started vitest how many tests passed and failed. */
export default class TotalsReporter {
  /**
   * A file without a failed test in it that failed all the same, since it did not load or a hook threw, is one failure; so
   * is every error that escaped from the tests.
   */
  async onTestRunEnd(modules, unhandledErrors) {
    const totals = { passed: 0, failed: unhandledErrors.length }
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state)
      const failed = states.filter((state) => state === 'failed').length
      totals.passed += states.filter((state) => state === 'passed').length
      totals.failed += module.state() === 'failed' ? Math.max(1, failed) : failed
    }
    // Awaited: a message that is still under way when vitest exits is lost.
    if (process.send) await new Promise((sent) => process.send(totals, sent))
  }
}
