/**
 * What all runs of mutation testing share: see docs/contributing.md.
 *
 * @param {string} name - of the Jasmine configuration beside this file, which says what specs are to kill the mutants
 * @param {string[]} mutate
 * @returns {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export function mutation(name, mutate) {
  return {
    mutate,
    testRunner: 'jasmine',
    plugins: ['@stryker-mutator/jasmine-runner'],
    jasmineConfigFile: `spec/support/mutation/${name}.json`,
    testRunnerNodeArgs: ['--import', './spec/support/register.js'],
    coverageAnalysis: 'perTest',
    // What runs once, when a module is loaded, cannot be switched in a module that is loaded already.
    ignoreStatic: true,
    concurrency: 2,
    // Most mutants that hang do so in a loop: the less time, the less memory they eat. Specs that wait in vain end sooner, by impatient.js.
    timeoutMS: 3000,
    timeoutFactor: 2,
    // A process is not trusted for ever after what has run in it.
    maxTestRunnerReuse: 300,
    ignorePatterns: ['/coverage', '/dist', '/docs', '/.cache', '/.ci'],
    tempDirName: '.cache/stryker',
    cleanTempDir: 'always',
    reporters: ['clear-text', 'progress', 'json'],
    clearTextReporter: { allowColor: false, reportTests: false },
    jsonReporter: { fileName: `.cache/mutation-${name}.json` },
    allowConsoleColors: false,
    thresholds: { high: 95, low: 90, break: 90 },
  };
}
