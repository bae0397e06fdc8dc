import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { readArguments, type RequestCommand } from '../../src/cli/arguments.js';
import { runRequest } from '../../src/cli/run-request.js';
import { nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import { inProcess } from './running.js';

/** Lines without what differs from run to run. */
function steady(stderr: string): string[] {
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/http:\S+/g, 'URL').replace(/\d+ ms/g, 'N ms'));
}

describe('A request from the command line', () => {
  let server: NodeTestServer;
  beforeAll(async () => {
    server = await nodeTestServer();
  });
  afterAll(() => server.close());

  const quick = ['--backoff', 'constant', '--initial', '1ms'];

  it('fails over to the next URL, and tells of each attempt', async () => {
    const urls = [server.url('busy', { status: 503 }), server.refusedUrl, server.url('works', { body: 'here' })];

    const { code, stdout, stderr } = await inProcess(['get', ...urls, ...quick]);
    expect([code, stdout.toString()]).toEqual([0, 'here']);
    expect(steady(stderr)).toEqual([
      '1/3 GET URL 503 (N ms), next in N ms',
      '2/3 GET URL connection refused (N ms), next in N ms',
      '3/3 GET URL 200, 4 B (N ms)',
    ]);
  });

  it('resolves relative URLs against each base in turn', async () => {
    const url = server.url('based', [{ status: 500 }, { body: 'second' }]);
    const bases = ['--base-url', server.refusedUrl, '--base-url', server.origin];

    const { code, stdout } = await inProcess(['get', url.slice(server.origin.length), ...bases, '--attempts', '4', ...quick]);
    expect([code, stdout.toString()]).toEqual([0, 'second']);
  });

  it('ends with 22 at an error status, whose body is written, and says why it was not repeated', async () => {
    const { code, stdout, stderr } = await inProcess(['post', server.url('post', { status: 500, body: 'broken' }), '-d', 'x']);

    expect([code, stdout.toString()]).toEqual([22, 'broken']);
    expect(steady(stderr)).toEqual([
      '1/3 POST URL 500 (N ms), gave up: the server may have received it, and its method is not idempotent',
      'rxjs-retry-client: POST URL 500 Internal Server Error (attempt 1 of 3)',
    ]);
  });

  it('ends with 23 where the body of an error cannot be written, and says so once, in JSON too', async () => {
    const url = server.url('full', { status: 404, body: 'no such thing' });
    const told: (string | undefined)[] = [];
    for (const more of [[], ['--json']]) {
      const full = new Writable({
        write: (_chunk, _encoding, done) => {
          done(new Error('full'));
        },
      }).on('error', () => undefined);
      const command = readArguments(['get', url, ...more]) as RequestCommand;
      const stderr = new PassThrough();

      expect(await runRequest(command, { stdin: Readable.from([]), stdout: full, stderr })).toBe(23);
      told.push(...(await text(stderr.end())).trimEnd().split('\n').slice(-2));
    }

    expect(told).toEqual([
      jasmine.stringMatching(/^1\/3 .* gave up/),
      'rxjs-retry-client: the output could not be written: full',
      jasmine.stringContaining('"type":"failure"'),
      '{"type":"error","error":{"name":"WriteError","message":"the output could not be written: full"}}',
    ]);
  });

  it('still ends with 22 where the body of the error status never comes', async () => {
    const { code } = await inProcess(['get', server.url('stalled error', { status: 404, stall: 'body' }), '--timeout', '50', '-q']);

    expect(code).toBe(22);
  });

  it('bounds the body of an error status by the total timeout, too', async () => {
    const url = server.url('dripping error', { status: 404, chunks: Array.from({ length: 30 }, () => 'x'), chunkDelay: 100 });
    const began = performance.now();
    const { code, stdout } = await inProcess(['get', url, '--total-timeout', '500ms', '-q']);

    expect([code, performance.now() - began < 1500]).toEqual([22, true]);
    expect(stdout.toString()).toMatch(/^x+$/);
  });

  it('ends with 18 where the body breaks off after a part was written, and never sends twice', async () => {
    const { code, stdout, stderr } = await inProcess(['get', server.url('cut', { cut: 'in-body', body: '0123456789' }), ...quick]);

    expect([code, stdout.toString()]).toEqual([18, '01234']);
    expect(stderr).toContain('gave up: a part of the response was emitted already');
    expect((await server.requests('cut')).length).toBe(1);
  });

  it('ends with 18 where no attempt brings a byte, after all of them, with nothing written', async () => {
    const url = server.url('empty cut', { cut: 'in-body', chunks: [], headers: { 'content-length': '9' } });
    const { code, stdout } = await inProcess(['get', url, '-i', ...quick]);

    expect([code, stdout.toString()]).toEqual([18, '']);
    expect((await server.requests('empty cut')).length).toBe(3);
  });

  it('ends with 28 at a timeout, of an attempt or of the whole', async () => {
    const url = server.url('silent', { stall: 'headers' });
    const one = await inProcess(['get', url, '--timeout', '50ms', '--attempts', '1']);
    const whole = await inProcess(['get', url, '--total-timeout', '50']);

    expect([one.code, whole.code]).toEqual([28, 28]);
    expect(one.stderr).toContain('timed out after 50 ms');
    expect(whole.stderr).toContain('deadline of 50 ms over');
  });

  it('ends with 6 at a name that does not exist', async () => {
    const { code, stderr } = await inProcess(['get', 'http://does-not-exist.invalid/', '--attempts', '1']);

    expect(code).toBe(6);
    expect(stderr).toContain('name not resolved');
  });

  it('sends headers and a body, from standard input too, again after a failure', async () => {
    const url = server.url('echo', [{ status: 503 }, { echo: true }]);
    const argv = ['post', url, '-d', '@-', '-H', 'Idempotency-Key: k1', '-H', 'content-type: text/csv', ...quick];

    const { code, stdout } = await inProcess(argv, 'a,b\n');
    const echo = JSON.parse(stdout.toString()) as { number: number; method: string; body: string; headers: Record<string, string> };
    expect([code, echo.number, echo.method, echo.body]).toEqual([0, 2, 'POST', 'a,b\n']);
    expect(echo.headers).toEqual(jasmine.objectContaining({ 'idempotency-key': 'k1', 'content-type': 'text/csv' }));
  });

  it('sends a file, and refuses one that cannot be read', async () => {
    const { stdout } = await inProcess(['put', server.url('file', { echo: true }), '-d', '@package.json']);

    expect((JSON.parse(stdout.toString()) as { body: string }).body).toContain('"rxjs-retry-client"');
    await expectAsync(inProcess(['put', server.refusedUrl, '-d', '@no/such/file'])).toBeRejectedWithError(
      /^--data @no\/such\/file: ENOENT/,
    );
  });

  it('shows the head of a response on demand, and of HEAD always', async () => {
    const included = await inProcess(['get', server.url('include', { status: 201, body: 'made', headers: { 'x-a': 'b' } }), '-i']);
    const head = await inProcess(['head', server.url('head', { headers: { 'x-a': 'b' } })]);

    expect(included.stdout.toString()).toMatch(/^HTTP\/1.1 201 Created\r\n(.+\r\n)*x-a: b\r\n(.+\r\n)*\r\nmade$/);
    expect(head.stdout.toString()).toMatch(/^HTTP\/1.1 200 OK\r\n(.+\r\n)*x-a: b\r\n(.+\r\n)*\r\n$/);
  });

  it('can be sent by node-fetch', async () => {
    const { code, stdout } = await inProcess(['get', server.url('node-fetch', { echo: true }), '--transport', 'node-fetch']);

    expect(code).toBe(0);
    expect(stdout.toString()).toContain('node-fetch');
  });

  it('can be sent by undici', async () => {
    const { code, stdout } = await inProcess(['get', server.url('undici', { echo: true }), '--transport', 'undici']);

    expect(code).toBe(0);
    expect(stdout.toString()).toContain('"user-agent":"undici"');
  });

  it('tells its events in JSON, one a line, without passwords', async () => {
    const url = server
      .url('json', [{ status: 503, headers: { 'retry-after': '0' } }, { body: 'ok' }])
      .replace('http://', 'http://me:secret@');
    const { code, stderr } = await inProcess(['get', url, '--json', '-H', 'x-token: secret']);
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; delay?: number; value?: unknown; outcome?: { response?: unknown } });

    expect(code).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(['start', 'retry', 'start', 'value', 'success']);
    expect(events[1]).toEqual(jasmine.objectContaining({ delay: 0 }));
    expect(events[1]?.outcome?.response).toEqual(jasmine.objectContaining({ status: 503, retryAfter: '0' }));
    expect(events[3]?.value).toEqual({ status: 200, bytes: 2 });
    expect(stderr).not.toContain('secret');
  });

  it('shows nothing but an error when it is to be quiet', async () => {
    const fine = await inProcess(['get', server.url('quiet', [{ status: 503 }, { body: 'ok' }]), '-q', ...quick]);
    const failed = await inProcess(['get', server.url('quiet error', { status: 404 }), '-q']);

    expect(fine.stderr).toBe('');
    expect(steady(failed.stderr)).toEqual(['rxjs-retry-client: GET URL 404 Not Found (attempt 1 of 3)']);
  });

  it('refuses what the library refuses in its options', async () => {
    await expectAsync(inProcess(['get', server.refusedUrl, '--backoff', 'random', '--min', '5s'])).toBeRejectedWithError(/max/);
  });
});
