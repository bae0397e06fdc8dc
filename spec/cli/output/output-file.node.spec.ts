import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { access, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { UsageError } from '../../../src/cli/failures/usage-error.js';
import { readArguments } from '../../../src/cli/options/read-arguments.js';
import { describeAcceptedValue } from '../../../src/cli/output/describe-outcome.js';
import { Progress } from '../../../src/cli/output/progress.js';
import { type NodeTestServer, nodeTestServer } from '../../support/node-server.js';
import { fileBytes, sha256 } from '../../support/served-file.js';
import { runInProcess, startProcess } from '../run-command.js';

describe('--output', () => {
  let server: NodeTestServer;
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    server = await nodeTestServer();
    folder = await mkdtemp(join(tmpdir(), 'output-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
    await server.close();
  });

  const quick = ['--backoff', 'constant', '--initial', '1ms'];
  const file = { size: 300_000, seed: 31 };
  const other = { size: 200_000, seed: 32 };
  const path = () => join(folder, `file ${files++}`);
  const digest = async (name: string) => sha256(new Uint8Array(await readFile(name)));
  const exists = (name: string) =>
    access(name).then(
      () => true,
      () => false,
    );

  for (const transport of ['fetch', 'undici', 'node-fetch']) {
    it(`resumes a body that breaks off, and writes it only to the file, with ${transport}`, async () => {
      const to = path();
      const key = `breaks ${transport}`;
      const url = server.url(key, [{ file, cutAfter: 100_000 }, { file, cutAfter: 100_000 }, { file }]);
      const { code, stdout, stderr } = await runInProcess(['get', url, '-o', to, '--transport', transport, ...quick]);

      expect([code, stdout.length]).toEqual([0, 0]);
      expect(await digest(to)).toBe(await sha256(fileBytes(file)));
      expect(stderr).toContain('206, 300.0 kB');
      expect(await exists(`${to}.resume`)).toBeFalse();
      expect((await server.requests(key)).slice(1).every(({ headers }) => headers.range !== undefined)).toBeTrue();
    });
  }

  it('leaves the part and a resume file when it gives up, and --continue resumes from there', async () => {
    const to = path();
    const url = server.url('continued', [{ file, cutAfter: 100_000 }, { file }]);
    const first = await runInProcess(['get', url, '-o', to, '--attempts', '1']);
    const { size } = await stat(to);
    expect(first.code).toBe(18);
    expect(size).toBeGreaterThan(0);
    expect(JSON.parse(await readFile(`${to}.resume`, 'utf8'))).toEqual(
      jasmine.objectContaining({ validator: '"31"', loaded: size }),
    );

    const second = await runInProcess(['get', url, '-o', to, '--continue', '--attempts', '1']);
    expect(second.code).toBe(0);
    expect((await server.requests('continued'))[1]?.headers.range).toBe(`bytes=${size}-`);
    expect(await digest(to)).toBe(await sha256(fileBytes(file)));
    expect(await exists(`${to}.resume`)).toBeFalse();
  });

  it('downloads from the URL that --hedge sends to, and never combines the two', async () => {
    const tag = { ETag: '"same"' };
    const to = path();
    const url = server.url('hedged', [{ file, headers: tag, cutAfter: 100_000 }, { stall: 'headers' }]);
    const mirror = server.url('mirror', { file: other, headers: tag });
    await runInProcess(['get', url, '-o', to, '--attempts', '1']);
    const { code, stderr } = await runInProcess(['get', url, mirror, '-o', to, '-C', '--hedge', '50']);

    expect(code).toBe(0);
    expect(stderr).toContain(`, answered by ${mirror}`);
    expect((await server.ended('hedged', 2)).aborted).toBeTrue();
    expect(await digest(to)).toBe(await sha256(fileBytes(other)));
    expect(await exists(`${to}.resume`)).toBeFalse();
  });

  it('resumes from the same URL by --hedge', async () => {
    const to = path();
    const url = server.url('hedged twice', [{ file, cutAfter: 100_000 }, { stall: 'headers' }, { file }]);
    await runInProcess(['get', url, '-o', to, '--attempts', '1']);
    const { code, stderr } = await runInProcess(['get', url, '-o', to, '-C', '--hedge', '50']);

    expect(code).toBe(0);
    expect(stderr).toContain('206, 300.0 kB');
    expect((await server.requests('hedged twice')).slice(1).map(({ headers }) => headers.range)).toEqual([
      jasmine.stringMatching(/^bytes=\d+-$/),
      jasmine.stringMatching(/^bytes=\d+-$/),
    ]);
    expect(await digest(to)).toBe(await sha256(fileBytes(file)));
  });

  it('starts over if the server has another version, and leaves nothing of the old one', async () => {
    for (const ignores of [undefined, 'if-range'] as const) {
      const to = path();
      const url = server.url(`changed ${ignores}`, [
        { file, cutAfter: 250_000 },
        { file: other, ...(ignores && { ignores }) },
      ]);
      await runInProcess(['get', url, '-o', to, '--attempts', '1']);
      const { code } = await runInProcess(['get', url, '-o', to, '-C', ...quick]);

      expect(code).toBe(0);
      expect(await digest(to)).toBe(await sha256(fileBytes(other)));
    }
  });

  it('resumes after a redirect, and starts over if it leads to another URL', async () => {
    const tag = { ETag: '"same"' };
    const elsewhere = server.url('elsewhere', { file: other, headers: tag });
    for (const [key, leads, expected] of [
      ['stays', [], file],
      ['moves', [elsewhere], other],
    ] as const) {
      const to = path();
      const target = server.url(`target ${key}`, [
        { file, headers: tag, cutAfter: 250_000 },
        { file, headers: tag },
      ]);
      const url = server.url(
        `front ${key}`,
        [target, ...leads].map((redirect) => ({ redirect })),
      );
      await runInProcess(['get', url, '-o', to, '--attempts', '1']);
      const { code } = await runInProcess(['get', url, '-o', to, '-C', ...quick]);

      expect(code).toBe(0);
      expect(await digest(to)).toBe(await sha256(fileBytes(expected)));
    }
    expect((await server.requests('target stays'))[1]?.headers.range).toMatch(/^bytes=\d+-$/);
  });

  it('starts over without a valid resume file, and does not change another file of its name', async () => {
    for (const content of [
      undefined,
      'no json',
      '{"validator":5}',
      '{"validator":"\\"31\\"","url":"http://other.test/"}',
    ]) {
      const to = path();
      await writeFile(to, fileBytes(other));
      if (content !== undefined) await writeFile(`${to}.resume`, content);
      const url = server.url(`content ${content}`, { file });
      const { code, stderr } = await runInProcess(['get', url, '-o', to, '--continue', ...quick]);

      expect(code).toBe(0);
      expect(stderr.match(/--continue: the download starts over/g)?.length).toBe(1);
      if (content !== undefined) expect(await readFile(`${to}.resume`, 'utf8')).toBe(content);
      expect((await server.requests(`content ${content}`)).map(({ headers }) => headers.range)).toEqual([undefined]);
      expect(await digest(to)).toBe(await sha256(fileBytes(file)));
    }
  });

  it('does not change the file if there is nothing to write', async () => {
    const to = path();
    await writeFile(to, 'precious');
    const { code, stdout } = await runInProcess([
      'get',
      server.url('missing', { status: 404, body: 'no such file' }),
      '-o',
      to,
    ]);

    expect([code, stdout.toString()]).toEqual([22, '']);
    expect(await readFile(to, 'utf8')).toBe('precious');
  });

  it('ends with 23 if the file cannot be written', async () => {
    const { code, stderr } = await runInProcess([
      'get',
      server.url('nowhere', { file }),
      '-o',
      join(folder, 'no', 'such', 'folder'),
      '-q',
    ]);

    expect(code).toBe(23);
    expect(stderr).toContain('the output could not be written');
  });

  it('writes to a device, without a resume file', async () => {
    const { code } = await runInProcess(['get', server.url('device', { file }), '-o', '/dev/null', ...quick]);

    expect(code).toBe(0);
    expect((await readdir('/dev')).some((name) => name.endsWith('.resume'))).toBeFalse();
    expect((await stat('/dev/null')).isCharacterDevice()).toBeTrue();
  });

  it('writes to a pipe as soon and as fast as it is read', async () => {
    const to = path();
    await promisify(execFile)('mkfifo', [to]);
    const running = runInProcess(['get', server.url('pipe', { file }), '-o', to, ...quick]);
    await server.received('pipe');
    const pieces: Uint8Array[] = [];
    for await (const piece of createReadStream(to, { highWaterMark: 20_000 })) {
      pieces.push(piece as Uint8Array);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }

    expect((await running).code).toBe(0);
    expect(await sha256(new Uint8Array(Buffer.concat(pieces)))).toBe(await sha256(fileBytes(file)));
  });

  it('ends at the total timeout if it is a pipe without a reader', async () => {
    const to = path();
    await promisify(execFile)('mkfifo', [to]);
    const child = startProcess('get', server.url('no reader', { file }), '-o', to, '--total-timeout', '500ms', '-q');
    const stuck = setTimeout(() => child.kill('SIGKILL'), 30_000);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(stuck);

    expect(code).toBe(28);
  }, 60_000);

  it('is required by --continue, and excludes --include', () => {
    expect(() => readArguments(['get', 'http://a.test/', '--continue'])).toThrowError(
      UsageError,
      /--continue: expected --output/,
    );
    expect(() => readArguments(['get', 'http://a.test/', '-o', 'x', '-i'])).toThrowError(
      UsageError,
      /--include and --output/,
    );
  });

  it('is rejected with HEAD before the file or its resume file is touched', async () => {
    const to = path();
    await writeFile(to, 'precious');
    await writeFile(`${to}.resume`, 'its record');

    for (const argv of [
      ['head', server.origin, '-o', to],
      ['HEAD', server.origin, '-o', to, '-C'],
    ]) {
      await expectAsync(runInProcess(argv)).toBeRejectedWithError(
        UsageError,
        '--output: the response to a HEAD request has no body to save',
      );
    }
    expect([await readFile(to, 'utf8'), await readFile(`${to}.resume`, 'utf8')]).toEqual(['precious', 'its record']);
  });

  it('shows the progress on a terminal until the end', async () => {
    const url = server.url('watched', [{ file, cutAfter: 100_000 }, { file }]);
    const { stdout, stderr } = await runInProcess(['get', url, '-o', path(), ...quick], '', true);
    const [, drawing] = stderr.split(/.*\x1b\[\d+F/s);

    expect(stdout.length).toBe(0);
    expect(drawing).toMatch(/1\/3 .*body cut off.*\n2\/3 .*206, 300\.0 kB/);
  });

  it('shows a bar if the total size is known, and the speed', () => {
    expect(describeAcceptedValue(new Progress(200, 42, { total: 100, bytesPerSecond: 1_200 }))).toBe(
      '████░░░░░░ 42 %, 1.2 kB/s',
    );
    expect(describeAcceptedValue(new Progress(200, 0, { total: 100, bytesPerSecond: 0 }))).toBe('░░░░░░░░░░ 0 %');
    expect(describeAcceptedValue(new Progress(200, 2_000, { total: undefined, bytesPerSecond: 1 }))).toBe(
      '2.0 kB, 1 B/s',
    );
    expect(describeAcceptedValue(new Progress(200, 100))).toBe('200, 100 B');
  });
});
