import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { soak } from './soak.js';

/** For busy machines: nothing here depends on the time. */
const PATIENCE = 120_000;

describe('A short soak', () => {
  it(
    'breaks no rule and leaves nothing behind',
    async () => {
      // Always the same requests: new ones are for `npm run soak` to find.
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
    PATIENCE,
  );
});

describe('npm run soak', () => {
  it(
    'says what it expects of its arguments, and ends with code 2',
    async () => {
      const root = fileURLToPath(new URL('../..', import.meta.url));
      const args = ['--import', './spec/support/register.js', 'spec/soak/main.ts', '--requests', 'many'];
      const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);

      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(
        /^--requests must be a whole number of at least 1, but is "many"\.\nUsage: npm run soak -- .*\n$/,
      );
    },
    PATIENCE,
  );
});
