// The specs that `npm run test:nodes` runs in each newer Node.

/** What `npm test` runs in Node 20 says the same of every Node. */
const onlyInNode20 = [
  // They drive Chromium. What they look at is in the browser.
  '!**/*.chromium.node.spec.ts',
  // Long calculations in virtual time. spec/simulate/determinism.spec.ts says that a seed gives the same figures.
  '!simulate/published-*.spec.ts',
  '!simulate/what-gates-do.node.spec.ts',
  // They are about the tables that `npm run bench` and `npm run defaults` write, not about the package.
  '!bench/*.spec.ts',
];

export default {
  spec_dir: 'spec',
  spec_files: ['**/*.spec.ts', '!**/*.browser.spec.ts', '!nest/apps/**', ...onlyInNode20],
  helpers: ['support/keep-real-timers.js'],
  env: { random: true, stopSpecOnExpectationFailure: false },
};
