/**
 * The configuration that all runs of mutation testing share: see docs/contributing.md.
 * With the variable SPECS, a list of specs, these run and no others.
 *
 * @param {string} name - the name of the Jasmine configuration beside this file, which lists the specs to run
 * @param {string[]} mutate - globs of the sources to mutate
 * @returns {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export function mutation(name, mutate) {
  return {
    mutate,
    testRunner: 'jasmine',
    plugins: ['@stryker-mutator/jasmine-runner'],
    jasmineConfigFile: `spec/support/mutation/${process.env.SPECS ? 'chosen-specs.js' : `${name}.json`}`,
    testRunnerNodeArgs: ['--import', './spec/support/register.js'],
    coverageAnalysis: 'perTest',
    // Code that runs once, when a module is loaded, cannot be mutated after that.
    ignoreStatic: true,
    concurrency: 2,
    // In ms. Most mutants that hang do so in a loop, and use more memory the longer they run. Specs that wait in vain
    // end sooner, by short-timeout.js.
    timeoutMS: 3000,
    timeoutFactor: 2,
    // Mutants may leave state behind in a process, so a new one takes over after this number of runs.
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
