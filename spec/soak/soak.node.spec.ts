import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { soak } from './soak.js';

/** In ms, for busy machines: nothing here depends on the time. */
const SPEC_TIMEOUT_MS = 120_000;

describe('A short soak', () => {
  it(
    'violates no rule and leaks nothing',
    async () => {
      // A fixed seed, so that the spec always sends the same requests. Other seeds are for `npm run soak`.
      const { requests, rows, violations } = await soak({
        seed: 1,
        requests: 500,
        seconds: Infinity,
        concurrency: 128,
        timeout: 250,
      });

      expect(violations).toEqual([]);
      expect(requests).toBe(500);
      expect([...rows.values()].reduce((sum, row) => sum + row.requests, 0)).toBe(500);
    },
    SPEC_TIMEOUT_MS,
  );
});

describe('A short soak with all gates', () => {
  it(
    'violates no rule and leaks nothing',
    async () => {
      const { requests, violations } = await soak({
        seed: 2,
        requests: 500,
        seconds: Infinity,
        concurrency: 128,
        timeout: 250,
        gates: true,
      });

      expect(violations).toEqual([]);
      expect(requests).toBe(500);
    },
    SPEC_TIMEOUT_MS,
  );
});

describe('npm run soak', () => {
  it(
    'prints the expected arguments after a wrong one, and exits with code 2',
    async () => {
      const root = fileURLToPath(new URL('../..', import.meta.url));
      // Newer versions of Node would print on standard error that the loader uses a deprecated API.
      const args = [
        '--no-deprecation',
        '--import',
        './spec/support/register.js',
        'spec/soak/main.ts',
        '--requests',
        'many',
      ];
      const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);

      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(
        /^--requests must be a whole number of at least 1, but is "many"\nUsage: npm run soak -- .*\n$/,
      );
    },
    SPEC_TIMEOUT_MS,
  );
});
