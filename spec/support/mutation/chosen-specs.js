// The Jasmine configuration of a run with chosen specs: SPECS='gates/rolling-window.spec.ts,gates/retry-budget.spec.ts'.
export default {
  spec_dir: 'spec',
  helpers: ['support/mutation/short-timeout.js', 'support/mutation/few-runs.js'],
  spec_files: process.env.SPECS?.split(',') ?? [],
  env: { random: false },
};
