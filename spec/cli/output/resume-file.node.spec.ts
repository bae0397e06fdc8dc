import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parseResumeRecord, type ResumeRecord, digestUrl } from '../../../src/cli/output/resume-record.js';
import { type NodeTestServer, nodeTestServer } from '../../support/node-server.js';
import { fileBytes, sha256 } from '../../support/served-file.js';
import { runInProcess, startProcess } from '../run-command.js';

const file = { size: 300_000, seed: 31 };
const quick = ['--backoff', 'constant', '--initial', '1ms'];

describe('The resume file', () => {
  let server: NodeTestServer;
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    server = await nodeTestServer();
    folder = await mkdtemp(join(tmpdir(), 'resume-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await server.close();
  });

  const path = () => join(folder, `file ${files++}`);
  const digest = async (name: string) => sha256(new Uint8Array(await readFile(name)));
  const expectedDigest = () => sha256(fileBytes(file));
  const readRecord = async (to: string): Promise<ResumeRecord> =>
    parseResumeRecord(await readFile(`${to}.resume`, 'utf8'))!;
  const ranges = async (key: string) => (await server.requests(key)).map(({ headers }) => headers.range);

  /** Downloads a part of 100,000 bytes. Returns its path, and the URL of the rest. */
  async function part(key: string, to = path(), query = ''): Promise<{ to: string; url: string }> {
    const url = server.url(key, [{ file, cutAfter: 100_000 }, { file }]) + query;
    expect((await runInProcess(['get', url, '-o', to, '--attempts', '1', '-q'])).code).toBe(18);
    return { to, url };
  }

  it('is readable by its owner alone, and contains no URL', async () => {
    const { to, url } = await part('secret', undefined, '?token=s3cret&X-Amz-Signature=s1gned');
    const text = await readFile(`${to}.resume`, 'utf8');

    expect((await stat(`${to}.resume`)).mode & 0o777).toBe(0o600);
    expect(text).not.toMatch(/s3cret|s1gned|http|127\.0\.0\.1/);
    expect((await runInProcess(['get', url, '-o', to, '-C', '-q'])).code).toBe(0);
    expect(await digest(to)).toBe(await expectedDigest());
    expect(await ranges('secret')).toEqual([undefined, 'bytes=100000-']);
  });

  it('matches a presigned URL that was signed anew', async () => {
    const { to, url } = await part('presigned', undefined, '?X-Amz-Date=1&X-Amz-Signature=one');
    await runInProcess(['get', url.replace(/\?.*/, '?X-Amz-Date=2&X-Amz-Signature=two'), '-o', to, '-C', '-q']);

    expect(await ranges('presigned')).toEqual([undefined, 'bytes=100000-']);
    expect(await digest(to)).toBe(await expectedDigest());
  });

  it('does not match a URL with another query, or one that redirects to another URL', async () => {
    const first = await part('query', undefined, '?version=1');
    await runInProcess(['get', first.url.replace('version=1', 'version=2'), '-o', first.to, '-C', '-q']);
    expect(await ranges('query')).toEqual([undefined, undefined]);
    expect(await digest(first.to)).toBe(await expectedDigest());

    const to = path();
    const [here, there] = [
      server.url('here', [{ file, cutAfter: 100_000 }]),
      server.otherUrl('there', { file: { size: 300_000, seed: 77 }, headers: { ETag: '"31"' } }),
    ];
    const url = server.url('leads', [{ redirect: here }, { redirect: there }]);
    await runInProcess(['get', url, '-o', to, '--attempts', '1', '-q']);
    expect((await stat(to)).size).toBe(100_000);
    const { code } = await runInProcess(['get', url, '-o', to, '-C', '-q', ...quick]);

    expect(code).toBe(0);
    expect(await ranges('there')).toEqual(['bytes=100000-', undefined]);
    expect(await digest(to)).toBe(await sha256(fileBytes({ size: 300_000, seed: 77 })));
  });

  it('matches if a redirect leads to the same URL', async () => {
    const to = path();
    const target = server.otherUrl('target', [{ file, cutAfter: 100_000 }, { file }]);
    const url = server.url('redirects', { redirect: target });
    await runInProcess(['get', url, '-o', to, '--attempts', '1', '-q']);
    await runInProcess(['get', url, '-o', to, '-C', '-q']);

    expect(await ranges('target')).toEqual([undefined, 'bytes=100000-']);
    expect(await digest(to)).toBe(await expectedDigest());
  });

  const changes: Readonly<Record<string, (to: string) => Promise<unknown>>> = {
    'overwritten in its middle, with its time restored': async (to) => {
      const { atime, mtime } = await stat(to);
      const handle = await open(to, 'r+');
      await handle.write('XXXX', 50_000);
      await handle.close();
      await utimes(to, atime, mtime);
    },
    truncated: (to) => truncate(to, 60_000),
    'replaced by another file': async (to) => {
      await writeFile(`${to}.other`, Buffer.alloc(100_000));
      await rename(`${to}.other`, to);
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`does not match a part that was ${what}, which is reported`, async () => {
      const { to, url } = await part(`changed ${what}`);
      await change(to);
      const { code, stderr } = await runInProcess(['get', url, '-o', to, '-C']);

      expect([code, stderr.match(/starts over: the part was changed/g)?.length]).toEqual([0, 1]);
      expect(await ranges(`changed ${what}`)).toEqual([undefined, undefined]);
      expect(await digest(to)).toBe(await expectedDigest());
    });
  }

  it('matches a part that was appended to, whose appended data is removed', async () => {
    const { to, url } = await part('appended');
    await appendFile(to, 'x'.repeat(500_000));
    expect((await runInProcess(['get', url, '-o', to, '-C'])).code).toBe(0);

    expect(await digest(to)).toBe(await expectedDigest());
  });

  it('matches a part that was moved together with it', async () => {
    const { to, url } = await part('moved');
    const elsewhere = path();
    await rename(to, elsewhere);
    await rename(`${to}.resume`, `${elsewhere}.resume`);
    await runInProcess(['get', url, '-o', elsewhere, '-C', '-q']);

    expect(await ranges('moved')).toEqual([undefined, 'bytes=100000-']);
    expect(await digest(elsewhere)).toBe(await expectedDigest());
  });

  const foreign: Readonly<Record<string, (resumePath: string) => Promise<unknown>>> = {
    'a file': (resumePath) => writeFile(resumePath, 'precious'),
    'a symbolic link': async (resumePath) => {
      await writeFile(`${resumePath}.target`, 'precious');
      await symlink(`${resumePath}.target`, resumePath);
    },
    'a dangling link': (resumePath) => symlink(`${resumePath}.nowhere`, resumePath),
    'a folder': (resumePath) => mkdir(resumePath),
    'a pipe': (resumePath) => promisify(execFile)('mkfifo', [resumePath]),
  };
  for (const [what, make] of Object.entries(foreign)) {
    it(`is not written if ${what} has its name, which stays unchanged and is reported once`, async () => {
      const to = path();
      await make(`${to}.resume`);
      const before = await lstat(`${to}.resume`);
      const url = server.url(`foreign ${what}`, [{ file, cutAfter: 100_000 }, { file }]);
      const { code, stderr } = await runInProcess(['get', url, '-o', to, ...quick]);
      const after = await lstat(`${to}.resume`);

      expect(code).toBe(0);
      expect(await digest(to)).toBe(await expectedDigest());
      expect(stderr.match(/cannot be resumed later: \S.* is not a resume file of this command/g)?.length).toBe(1);
      expect([after.ino, after.mode, after.size, after.mtimeMs]).toEqual([
        before.ino,
        before.mode,
        before.size,
        before.mtimeMs,
      ]);
      if (what === 'a symbolic link') expect(await readFile(await readlink(`${to}.resume`), 'utf8')).toBe('precious');
      if (what === 'a dangling link') await expectAsync(stat(`${to}.resume.nowhere`)).toBeRejected();
    });
  }

  it('is not removed if it was replaced by another file', async () => {
    const to = path();
    const url = server.url('replaced', { file, stallAt: 100_000 });
    const running = runInProcess(['get', url, '-o', to, '--timeout', '400', '--attempts', '1', '-q']);
    while (!(await readFile(`${to}.resume`, 'utf8').catch(() => ''))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await rm(`${to}.resume`);
    await writeFile(`${to}.resume`, 'precious');
    expect((await running).code).toBe(28);

    expect(await readFile(`${to}.resume`, 'utf8')).toBe('precious');
  });

  it('describes the last version if the version changed during the download', async () => {
    const to = path();
    const other = { size: 200_000, seed: 32 };
    const url = server.url('versions', [
      { file, cutAfter: 150_000 },
      { file: other, cutAfter: 50_000 },
      { file: other },
    ]);
    await runInProcess(['get', url, '-o', to, '--attempts', '2', '-q', ...quick]);
    expect(await readRecord(to)).toEqual(jasmine.objectContaining({ validator: '"32"', loaded: 50_000 }));
    await runInProcess(['get', url, '-o', to, '-C', '-q']);

    expect((await ranges('versions')).at(-1)).toBe('bytes=50000-');
    expect(await digest(to)).toBe(await sha256(fileBytes(other)));
  });

  it('stays unchanged if a request to resume fails', async () => {
    const { to, url } = await part('in vain');
    const before = await readRecord(to);
    const busy = await runInProcess(['get', server.url('busy', { status: 503 }), '-o', to, '-C', '-q', ...quick]);
    expect(busy.code).toBe(22);
    expect(await readRecord(to)).toEqual(before);

    expect((await runInProcess(['get', url, '-o', to, '-C', '-q'])).code).toBe(0);
    expect(await ranges('in vain')).toEqual([undefined, 'bytes=100000-']);
  });

  it('is not left if the server sends no validator', async () => {
    const { to } = await part('old');
    const url = server.url('no validator', { file, headers: { ETag: null }, cutAfter: 100_000 });
    expect((await runInProcess(['get', url, '-o', to, '--attempts', '1', '-q'])).code).toBe(18);

    await expectAsync(lstat(`${to}.resume`)).toBeRejected();
  });

  it('is left out if it cannot be written, which is reported once', async () => {
    // With the suffix .resume, the name is longer than file systems allow.
    const to = join(folder, 'x'.repeat(250));
    const { code, stderr } = await runInProcess(['get', server.url('long name', { file }), '-o', to]);

    expect([code, stderr.match(/cannot be resumed later: \S+ cannot be/g)?.length]).toEqual([0, 1]);
    expect(await digest(to)).toBe(await expectedDigest());
  });

  it('keeps a second command from writing the same file, unless the first one was killed', async () => {
    const to = path();
    const url = server.url('twice', [{ file, stallAt: 200_000 }, { file }, { file }]);
    const first = startProcess('get', url, '-o', to, '-q');
    await server.received('twice');
    while ((await stat(to).catch(() => undefined))?.size !== 200_000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const more of [[], ['-C']]) {
      const second = await runInProcess([
        'get',
        server.url(`second ${more.join('')}`, { file }),
        '-o',
        to,
        '-q',
        ...more,
      ]);
      expect([second.code, second.stderr]).toEqual([
        23,
        jasmine.stringContaining(`written by another command, process ${first.pid}`),
      ]);
    }
    expect((await stat(to)).size).toBe(200_000);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const record = await readRecord(to);
    expect(record.writer).toEqual({ pid: first.pid!, host: hostname() });

    expect((await runInProcess(['get', url, '-o', to, '-C', '-q'])).code).toBe(0);
    expect(await digest(to)).toBe(await expectedDigest());
  }, 60_000);

  it('is validated strictly', () => {
    const record = {
      kind: 'rxjs-retry-client: part of a download',
      version: 1,
      validator: '"a"',
      salt: 's',
      requested: 'r',
      answered: 'r',
      loaded: 5,
      sha256: 'd',
    };
    expect(parseResumeRecord(JSON.stringify(record) + '   ')).toEqual(record as ResumeRecord);
    const invalidRecords = [
      { ...record, kind: 'other' },
      { ...record, version: 2 },
      { ...record, loaded: -1 },
      { ...record, loaded: 1.5 },
      { ...record, sha256: '' },
      { ...record, writer: {} },
      { ...record, writer: { pid: -1, host: 'h' } },
      { ...record, validator: 5 },
      [],
      null,
      5,
      'x',
    ];
    for (const invalid of invalidRecords) {
      expect(parseResumeRecord(JSON.stringify(invalid)))
        .withContext(JSON.stringify(invalid))
        .toBeUndefined();
    }
    expect(parseResumeRecord(JSON.stringify(record).slice(0, -10))).toBeUndefined();
  });

  it('identifies a URL by its digest', () => {
    const all = ['http://a/x', 'http://a/y', 'http://b/x', 'https://a/x', 'http://a/x?q=1', 'http://a:81/x'].map(
      (url) => digestUrl(url, 'salt'),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(digestUrl('http://me:secret@a/x#part', 'salt')).toBe(digestUrl('http://a/x', 'salt'));
    expect(digestUrl('http://a/x', 'other')).not.toBe(digestUrl('http://a/x', 'salt'));
  });
});
