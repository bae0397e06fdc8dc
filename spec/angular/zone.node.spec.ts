import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('With zone.js', () => {
  it("waits, and limits times, outside Angular's zone, and calls interceptors and listeners in the zone of the subscriber", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', './spec/support/register.js', 'spec/support/log-angular-zones.ts'],
      { cwd: root },
    );

    expect(stdout.trim().split('\n')).toEqual([
      'totalTimeout: outside',
      'listener, start: inside',
      'interceptor: inside',
      'timeout: outside',
      'listener, retry: inside',
      'wait: outside',
      'The zone is idle meanwhile',
      'listener, start: inside',
      'interceptor: inside',
      'timeout: outside',
      'listener, value: inside',
      'consumer: inside',
      'From outside',
      'totalTimeout: outside',
      'interceptor: outside',
      'timeout: outside',
      'wait: outside',
      'interceptor: outside',
      'timeout: outside',
      'consumer: outside',
    ]);
  }, 60_000);
});
