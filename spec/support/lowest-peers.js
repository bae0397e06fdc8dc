// The specs that `npm run test:lowest` runs with the lowest versions of the peers: those of the rooms that use most of
// RxJS, and those that send over `undiciFetch()` and `nodeFetch()`.
export default {
  spec_dir: 'spec',
  spec_files: [
    'behaviour/**/*.spec.ts',
    'client/**/*.spec.ts',
    'faults/**/*.spec.ts',
    'gates/**/*.spec.ts',
    'retry/**/*.spec.ts',
    'selectors/**/*.spec.ts',
    'transports/**/*.spec.ts',
    '!**/*.browser.spec.ts',
    '!**/*.chromium.node.spec.ts',
    // Other versions of the peers change nothing of what an import does before it is used.
    '!behaviour/import-side-effects.node.spec.ts',
    // Before 3.2.5 node-fetch keeps an answer until its connection closes: docs/platforms.md.
    '!client/to-fetch-memory.node.spec.ts',
  ],
  helpers: ['support/keep-real-timers.js'],
  env: { random: true, stopSpecOnExpectationFailure: false },
};
