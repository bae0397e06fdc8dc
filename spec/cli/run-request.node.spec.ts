import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { readArguments, type RequestCommand } from '../../src/cli/options/read-arguments.js';
import { runRequest } from '../../src/cli/run-request.js';
import { listen, nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import type { Step } from '../support/script.js';
import { runInProcess } from './run-command.js';

/** Splits standard error into lines and replaces URLs and times, which differ between runs. */
function withoutVariableParts(stderr: string): string[] {
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

  it('fails over to the next URL and shows each attempt', async () => {
    const urls = [server.url('busy', { status: 503 }), server.refusedUrl, server.url('works', { body: 'here' })];

    const { code, stdout, stderr } = await runInProcess(['get', ...urls, ...quick]);
    expect([code, stdout.toString()]).toEqual([0, 'here']);
    expect(withoutVariableParts(stderr)).toEqual([
      '1/3 GET URL 503 (N ms), next in N ms',
      '2/3 GET URL connection refused (N ms), next in N ms',
      '3/3 GET URL 200, 4 B (N ms)',
    ]);
  });

  it('sends an attempt again with --hedge, shows which URL answered, and cuts the other', async () => {
    const urls = [server.url('without response', { stall: 'headers' }), server.url('quick', { body: 'here' })];

    const { code, stdout, stderr } = await runInProcess(['get', ...urls, '--hedge', '50ms']);
    expect([code, stdout.toString()]).toEqual([0, 'here']);
    expect(withoutVariableParts(stderr)).toEqual([
      '1/3 GET URL sent again to URL after N ms',
      '1/3 GET URL 200, 4 B, answered by URL (N ms)',
    ]);
    expect((await server.ended('without response')).aborted).toBeTrue();
  });

  it('repeats a POST with --idempotency-key, with the same key, also in a hedge', async () => {
    const keys = async (name: string): Promise<(string | undefined)[]> =>
      (await server.requests(name)).map(({ headers }) => headers['idempotency-key']);
    const post = async (name: string, steps: readonly Step[], ...more: readonly string[]): Promise<number | null> =>
      (await runInProcess(['post', server.url(name, steps), '-d', 'x', ...more, ...quick])).code;

    expect(await post('order', [{ status: 503 }, { body: 'ok' }], '--idempotency-key=order-7')).toBe(0);
    expect(await keys('order')).toEqual(['order-7', 'order-7']);
    expect(await post('random', [{ cut: 'before-headers' }, { body: 'ok' }], '--idempotency-key')).toBe(0);
    const [first, second] = await keys('random');
    expect(first).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(second).toBe(first);
    expect(await post('in progress', [{ status: 409 }, { body: 'ok' }], '--idempotency-key')).toBe(0);
    expect(await post('by hand', [{ status: 409 }, { body: 'ok' }], '-H', 'idempotency-key: 7')).toBe(22);
    const hedged = ['--hedge', '50ms', '--idempotency-key'];
    expect(await post('hedged', [{ stall: 'headers' }, { body: 'ok' }], ...hedged)).toBe(0);
    expect(new Set(await keys('hedged')).size).toBe(1);
    expect((await keys('hedged')).length).toBe(2);
  });

  it('resolves relative URLs against each base in turn', async () => {
    const url = server.url('based', [{ status: 500 }, { body: 'second' }]);
    const bases = ['--base-url', server.refusedUrl, '--base-url', server.origin];

    const { code, stdout } = await runInProcess([
      'get',
      url.slice(server.origin.length),
      ...bases,
      '--attempts',
      '4',
      ...quick,
    ]);
    expect([code, stdout.toString()]).toEqual([0, 'second']);
  });

  it('ends with 22 at an error status, writes the body, and shows why the request was not retried', async () => {
    const { code, stdout, stderr } = await runInProcess([
      'post',
      server.url('post', { status: 500, body: 'broken' }),
      '-d',
      'x',
    ]);

    expect([code, stdout.toString()]).toEqual([22, 'broken']);
    expect(withoutVariableParts(stderr)).toEqual([
      '1/3 POST URL 500 (N ms), gave up: the server may have received it, and its method is not idempotent',
      'rxjs-retry-client: POST URL 500 Internal Server Error (attempt 1 of 3)',
    ]);
  });

  it('ends with 23 if the body of an error cannot be written, and reports it once, also as JSON', async () => {
    const url = server.url('full', { status: 404, body: 'no such thing' });
    const lines: (string | undefined)[] = [];
    for (const more of [[], ['--json']]) {
      const fullOutput = new Writable({
        write: (_chunk, _encoding, done) => {
          done(new Error('full'));
        },
      }).on('error', () => undefined);
      const command = readArguments(['get', url, ...more]) as RequestCommand;
      const stderr = new PassThrough();

      expect(await runRequest(command, { stdin: Readable.from([]), stdout: fullOutput, stderr })).toBe(23);
      lines.push(...(await text(stderr.end())).trimEnd().split('\n').slice(-2));
    }

    expect(lines).toEqual([
      jasmine.stringMatching(/^1\/3 .* gave up/),
      'rxjs-retry-client: the output could not be written: full',
      jasmine.stringContaining('"type":"response"'),
      jasmine.stringMatching(
        /"type":"failure".*"error":\{"name":"WriteError","message":"the output could not be written: full"\}/,
      ),
    ]);
  });

  it('writes the whole body of an error, even if it is long', async () => {
    const { code, stdout } = await runInProcess([
      'get',
      server.url('long error', { status: 404, bytes: 300_000 }),
      '-q',
    ]);

    expect([code, stdout.length]).toEqual([22, 300_000]);
  });

  it('does not retry if the body of an error breaks off', async () => {
    const { code } = await runInProcess([
      'get',
      server.url('cut error', { status: 404, cut: 'in-body', chunks: ['no such'], chunkDelay: 20 }),
      '-q',
    ]);

    expect(code).toBe(22);
    expect((await server.requests('cut error')).length).toBe(1);
  });

  it('ends with 22 even if the body of the error never arrives', async () => {
    const { code } = await runInProcess([
      'get',
      server.url('stalled error', { status: 404, stall: 'body' }),
      '--timeout',
      '50',
      '-q',
    ]);

    expect(code).toBe(22);
  });

  it('limits the body of an error by the total timeout', async () => {
    const url = server.url('dripping error', {
      status: 404,
      chunks: Array.from({ length: 30 }, () => 'x'),
      chunkDelay: 100,
    });
    const began = performance.now();
    const { code, stdout } = await runInProcess(['get', url, '--total-timeout', '500ms', '-q']);

    expect([code, performance.now() - began < 1500]).toEqual([22, true]);
    expect(stdout.toString()).toMatch(/^x+$/);
  });

  it('ends with 18 without a retry if the body breaks off after a part was written', async () => {
    const { code, stdout, stderr } = await runInProcess([
      'get',
      server.url('cut', { cut: 'in-body', body: '0123456789' }),
      ...quick,
    ]);

    expect([code, stdout.toString()]).toEqual([18, '01234']);
    expect(stderr).toContain('gave up: a part of the response was emitted already');
    expect((await server.requests('cut')).length).toBe(1);
  });

  it('ends with 18 after all attempts, with nothing written, if none receives a byte of the body', async () => {
    const url = server.url('empty cut', { cut: 'in-body', chunks: [], headers: { 'content-length': '9' } });
    const { code, stdout } = await runInProcess(['get', url, '-i', ...quick]);

    expect([code, stdout.toString()]).toEqual([18, '']);
    expect((await server.requests('empty cut')).length).toBe(3);
  });

  it('ends with 28 at the timeout of an attempt and at the total timeout', async () => {
    const url = server.url('silent', { stall: 'headers' });
    const attemptTimeout = await runInProcess(['get', url, '--timeout', '50ms', '--attempts', '1']);
    const totalTimeout = await runInProcess(['get', url, '--total-timeout', '50']);

    expect([attemptTimeout.code, totalTimeout.code]).toEqual([28, 28]);
    expect(attemptTimeout.stderr).toContain('timed out after 50 ms');
    expect(totalTimeout.stderr).toContain('deadline of 50 ms exceeded');
  });

  it('ends with 6 if the host name does not exist', async () => {
    const { code, stderr } = await runInProcess(['get', 'http://does-not-exist.invalid/', '--attempts', '1']);

    expect(code).toBe(6);
    expect(stderr).toContain('name not resolved');
  });

  it('sends headers and a body from standard input again after a failure', async () => {
    const url = server.url('echo', [{ status: 503 }, { echo: true }]);
    const argv = ['post', url, '-d', '@-', '-H', 'Idempotency-Key: k1', '-H', 'content-type: text/csv', ...quick];

    const { code, stdout } = await runInProcess(argv, 'a,b\n');
    const echo = JSON.parse(stdout.toString()) as {
      number: number;
      method: string;
      body: string;
      headers: Record<string, string>;
    };
    expect([code, echo.number, echo.method, echo.body]).toEqual([0, 2, 'POST', 'a,b\n']);
    expect(echo.headers).toEqual(jasmine.objectContaining({ 'idempotency-key': 'k1', 'content-type': 'text/csv' }));
  });

  it('sends a file, and rejects one that cannot be read', async () => {
    const { stdout } = await runInProcess(['put', server.url('file', { echo: true }), '-d', '@package.json']);

    expect((JSON.parse(stdout.toString()) as { body: string }).body).toContain('"rxjs-retry-client"');
    await expectAsync(runInProcess(['put', server.refusedUrl, '-d', '@no/such/file'])).toBeRejectedWithError(
      /^--data @no\/such\/file: ENOENT/,
    );
  });

  it('joins repeated --data by &: texts, files and standard input', async () => {
    const send = async (key: string, ...data: readonly string[]) => {
      const argv = ['put', server.url(key, { echo: true }), ...data.flatMap((part) => ['-d', part])];
      return JSON.parse((await runInProcess(argv, 'from=stdin')).stdout.toString()) as {
        body: string;
        headers: Record<string, string>;
      };
    };
    const manifest = await readFile('package.json', 'utf8');

    const texts = await send('texts', 'a=1', 'b=2', '');
    expect([texts.body, texts.headers['content-type']]).toEqual(['a=1&b=2&', 'text/plain;charset=UTF-8']);
    const mixed = await send('mixed', 'a=1', '@package.json', '@-', 'c');
    expect(mixed.body).toBe(`a=1&${manifest}&from=stdin&c`);
    expect(mixed.headers['content-length']).toBe(String(Buffer.byteLength(mixed.body)));
    expect((await send('file first', '@package.json', 'b')).body).toBe(`${manifest}&b`);
  });

  for (const transport of ['fetch', 'undici', 'node-fetch']) {
    it(`reads a file again for each attempt, and fails if it changed in between, with ${transport}`, async () => {
      const path = join(await mkdtemp(join(tmpdir(), 'data-')), 'file');
      await writeFile(path, 'as it was');
      const url = server.url(`again ${transport}`, [{ status: 503 }, { echo: true }]);
      const { stdout } = await runInProcess(['put', url, '-d', `@${path}`, '--transport', transport, ...quick]);
      expect((JSON.parse(stdout.toString()) as { body: string }).body).toBe('as it was');

      const changing = runInProcess([
        'put',
        server.url(`changed ${transport}`, { status: 503 }),
        '-d',
        `@${path}`,
        '--transport',
        transport,
        '--backoff',
        'constant',
        '--initial',
        '300',
      ]);
      await server.received(`changed ${transport}`);
      await writeFile(path, 'another, longer');
      const { code, stderr } = await changing;
      expect(code).toBe(26);
      expect(stderr).toContain('the file to send changed between attempts');
      await rm(dirname(path), { recursive: true });
    });
  }

  it('reads a pipe once, and can still send its data again', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'data-')), 'pipe');
    await promisify(execFile)('mkfifo', [path]);
    const running = runInProcess([
      'put',
      server.url('pipe', [{ status: 503 }, { echo: true }]),
      '-d',
      `@${path}`,
      ...quick,
    ]);
    await writeFile(path, 'through a pipe');

    expect((JSON.parse((await running).stdout.toString()) as { body: string }).body).toBe('through a pipe');
    await rm(dirname(path), { recursive: true });
  });

  it('sends user and password without showing them', async () => {
    const url = server.url('user', [{ status: 503 }, { echo: true }]);
    const { stdout, stderr } = await runInProcess(['-X', 'get', url, '-u', 'mé:wörd:p4ss', '--json', ...quick]);
    const { authorization } = (JSON.parse(stdout.toString()) as { headers: Record<string, string> }).headers;

    expect(Buffer.from(authorization!.replace('Basic ', ''), 'base64').toString()).toBe('mé:wörd:p4ss');
    expect(stderr).not.toMatch(/wörd|p4ss|Basic/);
  });

  it('does not show the signature of a presigned URL in lines, waterfall or JSON', async () => {
    const query = '?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret&sig=s3cret&keep=this';
    let requests = 0;
    const presigned = await listen(
      createServer((_, response) => {
        requests += 1;
        if (requests % 3 === 0) response.destroy();
        else response.writeHead(requests % 3 === 1 ? 302 : 503, { location: `/there${query}` }).end();
      }),
    );
    for (const [more, isTTY] of [
      [[], false],
      [[], true],
      [['--json'], false],
      [['-q'], false],
    ] as const) {
      const urls = [server.refusedUrl + query, presigned.origin + query];
      const { stderr } = await runInProcess(['get', ...urls, ...more, '--attempts', '6', ...quick], '', isTTY);

      expect(stderr)
        .withContext(`${more.join('')} ${isTTY}`)
        .not.toContain('s3cret');
      if (more.join('') === '--json') expect(stderr).toContain(`${presigned.origin}/there?X-Amz-Signature=REDACTED`);
    }
    await presigned.close();
  });

  it('shows no control characters, whatever the server sends', async () => {
    const answers: readonly Step[] = [
      { raw: 'HTTP/1.1 404 \x1b[2J\x1b]0;owned\x07\r\nContent-Length: 0\r\n\r\n' },
      { raw: 'HTTP/1.1 503 \x9b2J\r\nRetry-After: \x9b31m9\r\nContent-Length: 0\r\n\r\n' },
      { raw: 'HTTP/1.1 302 Found\r\nLocation: xx:\x9b2J\r\nContent-Length: 0\r\n\r\n' },
      { raw: 'HTTP/1.1 200 OK\r\n\x1b[2Jbad header\r\n\r\n' },
      { raw: '\x1b[2J is no HTTP\r\n\r\n' },
    ];
    for (const [i, step] of answers.entries()) {
      for (const transport of ['fetch', 'undici', 'node-fetch']) {
        for (const more of [[], ['--json'], ['-q']]) {
          const url = server.url(`evil ${i} ${transport} ${more.join('')}`, step);
          const { stderr } = await runInProcess([
            'get',
            `${url}?\x1b[2J\u202e`,
            ...more,
            '--transport',
            transport,
            '--attempts',
            '2',
            ...quick,
          ]);

          expect(stderr)
            .withContext(`${i} ${transport} ${more.join('')}`)
            .toMatch(/^[^\p{Cc}\p{Cf}]*(?:\n[^\p{Cc}\p{Cf}]*)*$/u);
        }
      }
    }
  });

  it('shows a request as cancelled if its output is closed, does not retry it, and ends with 23', async () => {
    const lines: string[] = [];
    for (const more of [[], ['--json']]) {
      const closedOutput = new Writable({
        write: (_chunk, _encoding, done) => {
          done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
        },
      }).on('error', () => undefined);
      const key = `closed ${more.join('')}`;
      const command = readArguments([
        'get',
        server.url(key, { body: 'more than is wanted' }),
        ...quick,
        ...more,
      ]) as RequestCommand;
      const stderr = new PassThrough();
      expect(await runRequest(command, { stdin: Readable.from([]), stdout: closedOutput, stderr })).toBe(23);
      lines.push(...(await text(stderr.end())).trimEnd().split('\n').slice(-1));
      expect((await server.requests(key)).length).toBe(1);
    }

    expect(lines).toEqual([
      jasmine.stringMatching(/: 200, 19 B, cancelled \(\d+ ms\)$/),
      jasmine.stringContaining('{"type":"cancel"'),
    ]);
  });

  it('draws the final waterfall below a body that goes to the same terminal', async () => {
    const url = server.url('same', [{ status: 503 }, { chunks: ['first ', 'second'], chunkDelay: 200 }]);
    const { stderr } = await runInProcess(['get', url, ...quick], '', true);
    const drawing = stderr.split(/\x1b\[\d+F\x1b\[J/).at(-1);

    expect(drawing).toMatch(/^\n.*GET .*\n.*503.*\n.*200, 12 B/);
  });

  it('writes the head of a response with --include, and for HEAD by default', async () => {
    const included = await runInProcess([
      'get',
      server.url('include', { status: 201, body: 'made', headers: { 'x-a': 'b' } }),
      '-i',
    ]);
    const head = await runInProcess(['head', server.url('head', { headers: { 'x-a': 'b' } })]);

    expect(included.stdout.toString()).toMatch(/^HTTP\/1.1 201 Created\r\n(.+\r\n)*x-a: b\r\n(.+\r\n)*\r\nmade$/);
    expect(head.stdout.toString()).toMatch(/^HTTP\/1.1 200 OK\r\n(.+\r\n)*x-a: b\r\n(.+\r\n)*\r\n$/);
  });

  it('is sent by node-fetch with --transport node-fetch', async () => {
    const { code, stdout } = await runInProcess([
      'get',
      server.url('node-fetch', { echo: true }),
      '--transport',
      'node-fetch',
    ]);

    expect(code).toBe(0);
    expect(stdout.toString()).toContain('node-fetch');
  });

  it('is sent by undici with --transport undici', async () => {
    const { code, stdout } = await runInProcess(['get', server.url('undici', { echo: true }), '--transport', 'undici']);

    expect(code).toBe(0);
    expect(stdout.toString()).toContain('"user-agent":"undici"');
  });

  it('writes its events with --json as one line of JSON each, without passwords', async () => {
    const url = server
      .url('json', [{ status: 503, headers: { 'retry-after': '0' } }, { body: 'ok' }])
      .replace('http://', 'http://me:secret@');
    const { code, stderr } = await runInProcess([
      'get',
      url,
      '--json',
      '--backoff',
      'constant',
      '--initial',
      '0',
      '-H',
      'x-token: secret',
    ]);
    const events = stderr
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { type: string; delay?: number; value?: unknown; outcome?: { response?: unknown } },
      );

    expect(code).toBe(0);
    expect(events.map(({ type }) => type)).toEqual([
      ...['start', 'response', 'retry'],
      ...['start', 'response', 'value', 'success'],
    ]);
    expect(events[2]).toEqual(jasmine.objectContaining({ delay: 0 }));
    expect(events[2]?.outcome?.response).toEqual(jasmine.objectContaining({ status: 503, retryAfter: '0' }));
    expect(events[5]?.value).toEqual({ status: 200, bytes: 2 });
    expect(stderr).not.toContain('secret');
  });

  it('shows only an error with --quiet', async () => {
    const fine = await runInProcess(['get', server.url('quiet', [{ status: 503 }, { body: 'ok' }]), '-q', ...quick]);
    const failed = await runInProcess(['get', server.url('quiet error', { status: 404 }), '-q']);

    expect(fine.stderr).toBe('');
    expect(withoutVariableParts(failed.stderr)).toEqual(['rxjs-retry-client: GET URL 404 Not Found (attempt 1 of 3)']);
  });

  it('rejects options that the library rejects', async () => {
    await expectAsync(
      runInProcess(['get', server.refusedUrl, '--backoff', 'random', '--min', '5s']),
    ).toBeRejectedWithError(/max/);
  });
});
