import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('With zone.js', () => {
  it("waits outside Angular's zone, and calls interceptors and listeners in the zone of the subscriber", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', './spec/support/register.js', 'spec/support/log-angular-zones.ts'],
      { cwd: root },
    );

    expect(stdout.trim().split('\n')).toEqual([
      'listener, start: inside',
      'interceptor: inside',
      'listener, retry: inside',
      'wait: outside',
      'The zone is idle meanwhile',
      'listener, start: inside',
      'interceptor: inside',
      'listener, value: inside',
      'consumer: inside',
      'From outside',
      'interceptor: outside',
      'wait: outside',
      'interceptor: outside',
      'consumer: outside',
    ]);
  }, 60_000);
});
