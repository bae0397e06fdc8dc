import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a program of this folder, and returns what it prints. */
async function linesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', './spec/support/register.js', `spec/support/${program}`],
    { cwd: root },
  );
  return stdout.trim().split('\n');
}

describe('With zone.js', () => {
  it("waits, and limits times, outside Angular's zone, and calls interceptors and listeners in the zone of the subscriber", async () => {
    expect(await linesOf('log-angular-zones.ts')).toEqual([
      'totalTimeout: outside',
      'listener, start: inside',
      'interceptor: inside',
      'timeout: outside',
      'listener, response: inside',
      'listener, retry: inside',
      'wait: outside',
      'The zone is idle meanwhile',
      'listener, start: inside',
      'interceptor: inside',
      'timeout: outside',
      'listener, response: inside',
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
      'Woken from outside',
      'totalTimeout: outside',
      'interceptor: inside',
      'timeout: outside',
      'wait: outside',
      'interceptor: inside',
      'timeout: outside',
      'consumer: inside',
    ]);
  }, 60_000);

  it("sends again in Angular's zone what has waited in it, whoever began the refresh of the token", async () => {
    expect(await linesOf('log-bearer-zones.ts')).toEqual([
      'sent again: outside',
      'who began the refresh outside: outside',
      'sent again: inside',
      'who waits inside: inside',
    ]);
  }, 60_000);

  it("sends a RetryClient's requests outside Angular's zone, which is idle after them, and delivers in the zone of the subscriber", async () => {
    expect(await linesOf('log-client-zones.ts')).toEqual([
      'fetch: outside',
      'injectAttempts, retry: inside',
      'attempts$, retry: inside',
      'wait: outside',
      'fetch: outside',
      'next: inside',
      'complete: inside',
      'The zone is idle',
      'fetch: outside',
      'error: inside',
      'The zone is idle',
      'fetch: outside',
      'The zone is idle',
      'From outside',
      'fetch: outside',
      'next: outside',
      'The zone is idle',
    ]);
  }, 60_000);
});
