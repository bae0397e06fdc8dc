// The specs that `npm run test:nodes` runs with the newest undici: those that send over `undiciFetch()`.
export default {
  spec_dir: 'spec',
  spec_files: [
    'transports/**/*.spec.ts',
    'behaviour/**/*.spec.ts',
    'faults/**/*.spec.ts',
    '!**/*.browser.spec.ts',
    // Other versions of the peers change nothing of what an import does before it is used.
    '!behaviour/import-side-effects.node.spec.ts',
  ],
  helpers: ['support/keep-real-timers.js'],
  env: { random: true, stopSpecOnExpectationFailure: false },
};
