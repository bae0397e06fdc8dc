import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a script in a process of its own; returns the lines that it prints. */
async function linesOf(script: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', './spec/support/register.js', script], {
    cwd: root,
  });
  return stdout.trim().split('\n');
}

describe('With zone.js', () => {
  it("waits, and limits times, outside Angular's zone, and calls interceptors and listeners in the zone of the subscriber", async () => {
    expect(await linesOf('spec/support/log-angular-zones.ts')).toEqual([
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

  it("sends again in Angular's zone what has waited in it, whoever began the refresh of the token", async () => {
    expect(await linesOf('spec/support/log-bearer-zones.ts')).toEqual([
      'sent again: outside',
      'who began the refresh outside: outside',
      'sent again: inside',
      'who waits inside: inside',
    ]);
  }, 60_000);
});
