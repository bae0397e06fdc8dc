import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import { runAsProcess, startProcess } from './run-command.js';

// Each process compiles the sources, which takes a second or two.
const TIMEOUT_MS = 60_000;

describe('The command', () => {
  let server: NodeTestServer;
  beforeAll(async () => {
    server = await nodeTestServer();
  });
  afterAll(() => server.close());

  it(
    'writes a body unchanged after a failed attempt',
    async () => {
      const bytes = Buffer.from(Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) % 256));
      const url = server.url('binary', [{ status: 503 }, { body: bytes.toString('base64'), encoding: 'base64' }]);
      const { code, stdout, stderr } = await runAsProcess('get', url);

      expect(code).toBe(0);
      expect(stdout.equals(bytes)).toBeTrue();
      expect(stderr).toMatch(/^1\/3 GET \S+: 503 .*\n2\/3 GET \S+: 200, 4\.1 kB .*\n$/);
    },
    TIMEOUT_MS,
  );

  it(
    'ends with the code of its failure, or 2 for a wrong option, and shows help and version',
    async () => {
      const [cut, wrong, help, version] = await Promise.all([
        runAsProcess('get', server.url('cut', { cut: 'in-body', body: '0123456789' })),
        runAsProcess('get', server.refusedUrl, '--atempts', '2'),
        runAsProcess('--help'),
        runAsProcess('--version'),
      ]);

      expect([cut.code, cut.stdout.toString()]).toEqual([18, '01234']);
      expect([wrong.code, wrong.stderr]).toEqual([
        2,
        'rxjs-retry-client: --atempts: no such option, did you mean --attempts?\n',
      ]);
      expect([help.code, help.stdout.toString()]).toEqual([0, jasmine.stringContaining('Exit codes')]);
      expect([version.code, version.stdout.toString()]).toEqual([0, jasmine.stringMatching(/^\d+\.\d+\.\d+\S*\n$/)]);
    },
    TIMEOUT_MS,
  );

  it(
    'writes data as it arrives, and ends with 130 when it is interrupted',
    async () => {
      const child = startProcess('get', server.url('slow', { stall: 'body', chunks: ['first'] }));
      const stderr = text(child.stderr);
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number];

      expect([chunk.toString(), code]).toEqual(['first', 130]);
      expect((await server.ended('slow')).aborted).toBeTrue();
      expect(await stderr).toMatch(/^1\/3 GET \S+: 200, 5 B, cancelled \(.*\)\n$/);
    },
    TIMEOUT_MS,
  );

  it(
    'shows the attempt that an interruption cancels',
    async () => {
      const child = startProcess('get', server.url('hanging', { stall: 'headers' }));
      const stderr = text(child.stderr);
      await server.received('hanging');
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number];

      expect(code).toBe(130);
      expect(await stderr).toMatch(/: cancelled \(.*\)\n$/);
    },
    TIMEOUT_MS,
  );

  it(
    'cancels the request at SIGTERM and SIGHUP as at an interruption',
    async () => {
      for (const [signal, expected] of [
        ['SIGTERM', 143],
        ['SIGHUP', 129],
      ] as const) {
        const child = startProcess('get', server.url(signal, { stall: 'body', chunks: ['first'] }));
        const stderr = text(child.stderr);
        await once(child.stdout, 'data');
        child.kill(signal);
        const [code] = (await once(child, 'close')) as [number];

        expect(code).toBe(expected);
        expect((await server.ended(signal)).aborted).toBeTrue();
        expect(await stderr).toMatch(/^1\/3 GET \S+: 200, 5 B, cancelled \(.*\)\n$/);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'ends at the total timeout, and at an interruption, even if its output is not read',
    async () => {
      const url = server.url('unread', { bytes: 50_000_000 });
      const timed = startProcess('get', url, '-q', '--total-timeout', '1s');
      const interrupted = startProcess('get', url, '-q');
      // One can have ended before the other has started.
      const exits = [timed, interrupted].map((child) => once(child, 'exit') as Promise<[number]>);
      // The first read shows that the request started. Nothing is read after it.
      await once(interrupted.stdout, 'readable');
      interrupted.kill('SIGINT');

      expect((await Promise.all(exits)).map(([code]) => code)).toEqual([28, 130]);
    },
    TIMEOUT_MS,
  );

  it(
    'ends with 23 without an error message when its output is closed',
    async () => {
      for (const [more, expected] of [
        [['-q'], /^$/],
        [[], /^1\/3 GET \S+: 200, \S+ .B, cancelled \(.*\)\n$/],
      ] as const) {
        const child = startProcess('get', server.url(`much ${more.join('')}`, { bytes: 10_000_000 }), ...more);
        const stderr = text(child.stderr);
        await once(child.stdout, 'data');
        child.stdout.destroy();
        const [code] = (await once(child, 'close')) as [number];

        expect(code).toBe(23);
        expect(await stderr).toMatch(expected);
      }
    },
    TIMEOUT_MS,
  );
});
