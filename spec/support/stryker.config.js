// Mutation testing: `npm run mutation`, or of one module `npm run mutation -- --mutate src/strategy.ts`. See docs/contributing.md.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: [
    'src/{run,trial,stage,ask,pacing,strategy,retry-after,http-like,cycle,retry-with-strategy}.ts',
    'src/{target,url,params,headers,body,http-host}.ts',
    'src/backoff/*.ts',
  ],
  testRunner: 'jasmine',
  plugins: ['@stryker-mutator/jasmine-runner'],
  jasmineConfigFile: 'spec/support/mutation.json',
  testRunnerNodeArgs: ['--import', './spec/support/register.js'],
  coverageAnalysis: 'perTest',
  // What runs once, when a module is loaded, cannot be switched in a module that is loaded already.
  ignoreStatic: true,
  concurrency: 2,
  // Most mutants that hang do so in a loop: the less time, the less memory they eat.
  timeoutMS: 4000,
  timeoutFactor: 2,
  // A process is not trusted for ever after what has run in it.
  maxTestRunnerReuse: 200,
  ignorePatterns: ['/coverage', '/dist', '/docs', '/.cache', '/.ci'],
  tempDirName: '.cache/stryker',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'progress', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, skipFull: false },
  jsonReporter: { fileName: '.cache/mutation.json' },
  allowConsoleColors: false,
  thresholds: { high: 95, low: 90, break: 90 },
};
